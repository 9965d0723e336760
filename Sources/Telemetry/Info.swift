/// What is true of the process for as long as it lives, told as labels of one series that is always 1.
package struct Info: Sendable {
    package let name: String
    package let help: String
    package let labels: [(name: String, value: String)]

    package init(_ name: String, _ help: String, labels: [(name: String, value: String)]) {
        self.name = name
        self.help = help
        self.labels = labels
    }
}
