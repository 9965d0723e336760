/// Why a sealed segment wasn't read to its end, or was left as it is.
package enum SegmentRefusal: Error, Equatable, CustomStringConvertible {
    /// The caller wanted an end.
    case stopped
    /// Retention was faster.
    case gone
    /// It is being written, or was left without a SEAL, which the next start gives it.
    case unsealed(String)
    case damaged([SegmentDamage])
    case disk(FileError)

    package var description: String {
        switch self {
        case .stopped: "stopped"
        case .gone: "the segment is gone"
        case .unsealed(let name): "\(name) isn't sealed"
        case .damaged(let damages): damages.map(\.description).joined(separator: "; ")
        case .disk(let error): error.description
        }
    }
}

/// Runs a step on the disk. A missing file is one that is gone.
func onDisk<Value: ~Copyable>(
    _ body: () throws(FileError) -> Value
) throws(SegmentRefusal) -> Value {
    do throws(FileError) { return try body() } catch {
        throw error.isMissing ? .gone : .disk(error)
    }
}
