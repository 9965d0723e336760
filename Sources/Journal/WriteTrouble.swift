/// Why a step of writing stopped, by what may be done about it.
enum WriteTrouble: Error {
    /// No room on the disk. What was written of the member isn't there for sure, but nothing is
    /// lost: it may be cut off and tried again.
    case noRoom(FileError)
    /// A sync or write failed, and the kernel may have dropped what it couldn't write: this file
    /// must not be trusted, nor synced, again. One attempt in a new file is the most that is sound.
    case unsafe(FileError)
    /// Out of descriptors or memory for now.
    case passing(FileError)

    /// Of a step that only made or wrote something.
    init(writing error: FileError) {
        self =
            if error.isNoRoom { .noRoom(error) } else if error.isPassing { .passing(error) } else {
                .unsafe(error)
            }
    }

    var error: FileError {
        switch self {
        case .noRoom(let error), .unsafe(let error), .passing(let error): error
        }
    }
}

/// Runs steps that write, not sync.
func writing<Value>(_ body: () throws(FileError) -> Value) throws(WriteTrouble) -> Value {
    do throws(FileError) { return try body() } catch { throw WriteTrouble(writing: error) }
}

/// Runs a sync: every error of it is unsafe, a full disk included.
func syncing(_ body: () throws(FileError) -> Void) throws(WriteTrouble) {
    do throws(FileError) { try body() } catch { throw .unsafe(error) }
}
