import Synchronization

/// A counter by site and one more label: the sites are the configured ones, whose names a reload may
/// add to, so that rows come as they are counted in.
///
/// Callers name a site by its number and add once per batch, not per event: a row is found under a
/// lock. A series appears with its first count.
package final class SiteCounter: Sendable {
    package let name: String
    package let help: String
    /// Beside `site`.
    package let label: Counter.Label
    private let siteNames: @Sendable () -> [String]
    private let rows = Mutex<[Cells?]>([])

    /// - Parameters:
    ///   - name: Prometheus name, ending in `_total`.
    ///   - siteNames: all names, each at the place of its number; it only grows, and is bounded.
    package init(
        _ name: String, _ help: String, label: Counter.Label,
        siteNames: @escaping @Sendable () -> [String]
    ) {
        self.name = name
        self.help = help
        self.label = label
        self.siteNames = siteNames
    }

    /// - Parameters:
    ///   - site: its number.
    ///   - second: position of the other label's value.
    package func add(_ amount: Int, site: Int, at second: Int) {
        rows.withLock { rows in
            while rows.count <= site { rows.append(nil) }
            let row = rows[site] ?? Cells(count: label.values.count)
            rows[site] = row
            row.add(amount, at: second)
        }
    }

    /// Every series that isn't 0, with the site's name.
    package var values: [(site: String, second: String, count: UInt64)] {
        let names = siteNames()
        return rows.withLock { rows in
            rows.enumerated().flatMap { number, row in
                label.values.enumerated().compactMap { i, value in
                    guard let count = row?.value(at: i), count > 0 else { return nil }
                    let name = names.indices.contains(number) ? names[number] : "\(number)"
                    return (name, value, count)
                }
            }
        }
    }
}
