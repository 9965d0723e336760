import Glibc

/// A disk operation that failed: what, where and why.
package struct FileError: Error, Equatable, CustomStringConvertible {
    package var operation: String
    package var path: String
    /// As errno gave it.
    package var code: Int32

    package init(operation: String, path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    package var description: String {
        "\(operation) \(path): \(Self.text(code)) (errno \(code))"
    }

    /// No room on the disk, or none within the quota.
    package var isNoRoom: Bool { code == ENOSPC || code == EDQUOT }
    /// The process or the machine is out of descriptors or memory for now.
    package var isPassing: Bool {
        code == EMFILE || code == ENFILE || code == ENOMEM || code == EAGAIN
    }
    package var isMissing: Bool { code == ENOENT }

    private static func text(_ code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard strerror_r(code, buffer.baseAddress!, buffer.count) == 0 else {
                return "unknown error"
            }
            return String(cString: buffer.baseAddress!)
        }
    }
}
