/// One thing wrong with the configuration: where, what, and what to do about it.
package struct SettingsMistake: Error, Sendable, Equatable, CustomStringConvertible {
    /// The setting's dotted key, or "" where the whole file is meant.
    package var key: String
    /// Where the value came from: `engaged.yaml:12`, `ENGAGED_LISTEN`, `a flag`, or "".
    package var origin: String
    package var problem: String
    package var remedy: String

    package init(key: String, origin: String = "", problem: String, remedy: String) {
        self.key = key
        self.origin = origin
        self.problem = problem
        self.remedy = remedy
    }

    /// One line, never holding a write key.
    package var description: String {
        let place = [key, origin.isEmpty ? "" : "(\(origin))"].filter { !$0.isEmpty }
        let head = place.joined(separator: " ")
        return (head.isEmpty ? "" : head + ": ") + problem + "; " + remedy
    }
}
