/// Why customers can't be modelled, for people.
package enum Refusal: Error, Equatable, CustomStringConvertible {
    case tooFewCustomers(Int)
    case tooFewRepeatBuyers(Int)

    /// Below these four parameters are noise.
    package static let leastCustomers = 30
    package static let leastRepeatBuyers = 10

    package var description: String {
        switch self {
        case .tooFewCustomers(let number):
            "\(number) with an order; a fit needs \(Self.leastCustomers) or more"
        case .tooFewRepeatBuyers(let number):
            "\(number) bought on a second day; a fit needs \(Self.leastRepeatBuyers) or more"
        }
    }
}
