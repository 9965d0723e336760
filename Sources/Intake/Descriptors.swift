import Glibc
package import Logging

/// How many connections the process's file descriptors allow.
///
/// Some are never handed to connections: the journal's, the ledger's, the loops' own and those of the
/// admin port. So a flood of connections can't keep a segment from being opened.
package enum Descriptors {
    static let reserve = 128

    /// Raises the soft limit to the hard one. - Returns: the limit that holds now.
    package static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return 1_024
        }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 {
                limit = raised
            }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// As many as wanted, or as the descriptors allow, which is said then.
    package static func connections(wanted: Int, descriptors: Int, logger: Logger) -> Int {
        let allowed = max(1, descriptors - min(reserve, descriptors / 2))
        guard wanted > allowed else { return wanted }
        logger.warning(
            "fewer connections than limits.connections: there are too few file descriptors; raise LimitNOFILE= or ulimit -Hn",
            metadata: [
                "limits.connections": "\(wanted)", "descriptors": "\(descriptors)",
                "connections": "\(allowed)",
            ])
        return allowed
    }
}
