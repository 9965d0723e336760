import Glibc

/// Small files that people write: read whole, up to a bound.
package enum BoundedFile {
    package enum Trouble: Error, Equatable {
        case tooLarge
        /// The system's error number.
        case unreadable(code: Int32)
    }

    /// What an open file holds from where it is read.
    /// - Parameter most: bytes.
    package static func bytes(of file: Int32, most: Int) throws(Trouble) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: most + 1)
        var count = 0
        while count < bytes.count {
            let n = bytes.withUnsafeMutableBytes {
                Glibc.read(file, $0.baseAddress! + count, $0.count - count)
            }
            if n < 0, errno == EINTR { continue }
            guard n >= 0 else { throw .unreadable(code: errno) }
            if n == 0 { break }
            count += n
        }
        guard count <= most else { throw .tooLarge }
        return Array(bytes[..<count])
    }
}
