import Glibc

/// Settings that a service manager hands over as files only the daemon can read (systemd's
/// `LoadCredential=`): `engaged_sites.shop.key` in `$CREDENTIALS_DIRECTORY` holds `sites.shop.key`.
/// So a secret stands neither in the configuration file nor in the environment.
package enum Credentials {
    /// What a name begins with; the rest is the setting. Others in the folder are not for this.
    package static let prefix = "engaged_"
    static let maximumBytes = 65_536

    /// The values by setting; a value's lines are separated by commas, as in a flag.
    ///
    /// - Parameter besides: names behind the prefix that are files of their own, not settings.
    /// - Returns: nothing where the manager handed nothing over.
    package static func read(
        _ environment: [String: String], besides: Set<String> = []
    ) -> (values: [String: String], mistakes: [SettingsMistake]) {
        var values: [String: String] = [:]
        var mistakes: [SettingsMistake] = []
        guard let folder = environment["CREDENTIALS_DIRECTORY"], !folder.isEmpty else {
            return (values, mistakes)
        }
        for name in names(in: folder) {
            let key = String(name.dropFirst(prefix.count))
            guard name.hasPrefix(prefix), !key.isEmpty, !besides.contains(key) else { continue }
            if let text = text(of: folder + "/" + name) {
                values[key] = text
            } else {
                mistakes.append(
                    SettingsMistake(
                        key: key, origin: "the credential \(key)",
                        problem: "it can't be read as text",
                        remedy: "write the value alone, at most 64 KiB"))
            }
        }
        return (values, mistakes)
    }

    private static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names.sorted()
    }

    private static func text(of path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard let bytes = try? BoundedFile.bytes(of: file, most: maximumBytes),
            let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        return text.split(whereSeparator: \.isNewline).joined(separator: ",")
    }
}
