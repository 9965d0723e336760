import Glibc

/// A thread that may block on a disk; a task may not.
package final class PlainThread {
    private final class Body {
        let run: () -> Void
        init(_ run: @escaping () -> Void) { self.run = run }
    }

    private var thread = pthread_t()

    /// - Parameter name: at most 15 bytes, as `top -H` shows it.
    package init(name: String, _ run: @escaping @Sendable () -> Void) throws(FileError) {
        let body = Unmanaged.passRetained(
            Body {
                Self.nameThis(name)
                run()
            })
        let code = pthread_create(
            &thread, nil,
            { argument in
                Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        if code != 0 {
            body.release()
            throw FileError(operation: "thread", path: name, code: code)
        }
    }

    /// Through /proc, because the call for it isn't in the C library's plain interface.
    private static func nameThis(_ name: String) {
        let file = Glibc.open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        var name = name
        name.withUTF8 { _ = write(file, $0.baseAddress, $0.count) }
        close(file)
    }

    package func join() { pthread_join(thread, nil) }
}
