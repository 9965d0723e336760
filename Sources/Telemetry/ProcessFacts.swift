import Glibc

/// What the kernel knows about this process.
package struct ProcessFacts: Sendable {
    package var cpuSeconds: Double
    package var residentBytes: Int
    package var openDescriptors: Int
    package var maximumDescriptors: Int

    package init(
        cpuSeconds: Double, residentBytes: Int, openDescriptors: Int, maximumDescriptors: Int
    ) {
        self.cpuSeconds = cpuSeconds
        self.residentBytes = residentBytes
        self.openDescriptors = openDescriptors
        self.maximumDescriptors = maximumDescriptors
    }

    /// Reads `/proc/self`; what can't be read is 0.
    package static func now() -> ProcessFacts {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        let cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime)
        return ProcessFacts(
            cpuSeconds: cpu, residentBytes: residentPages() * Int(sysconf(Int32(_SC_PAGESIZE))),
            openDescriptors: entries("/proc/self/fd"), maximumDescriptors: descriptorLimit())
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    /// The second number of `/proc/self/statm`.
    private static func residentPages() -> Int {
        let fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard fd >= 0 else { return 0 }
        defer { close(fd) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = read(fd, &text, text.count)
        guard count > 0 else { return 0 }
        let numbers = text[..<count].split(separator: UInt8(ascii: " "))
        return numbers.count > 1 ? Int(String(decoding: numbers[1], as: UTF8.self)) ?? 0 : 0
    }

    private static func descriptorLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        return Int(clamping: limit.rlim_cur)
    }

    private static func entries(_ path: String) -> Int {
        guard let directory = opendir(path) else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        // The directory's own descriptor is not the daemon's.
        return max(0, count - 1)
    }
}

/// Wall clock, seconds since 1970 UTC.
package func wallSeconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}
