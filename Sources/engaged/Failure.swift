import ArgumentParser
import Glibc

/// How a command ends when it can't do its work. Codes: sysexits.h.
enum Ending: Int32 {
    case usage = 64
    case badData = 65
    case inputOutput = 74
    case temporary = 75
    case configuration = 78
}

/// Says what, where and what to do on stderr, and gives the error that ends the process.
func failure(_ ending: Ending, _ message: String) -> ExitCode {
    complain("engaged: \(message)")
    return ExitCode(ending.rawValue)
}

func complain(_ message: String) {
    let line = message + "\n"
    _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
}

func say(_ message: String) {
    let line = message + "\n"
    _ = line.withCString { write(STDOUT_FILENO, $0, strlen($0)) }
}
