import Glibc

/// One file of a simulated disk: what readers see, what would be left of it after a power cut, and
/// which sectors differ because nobody has synced them.
final class SimulatedFile {
    static let sectorBytes = 512

    private(set) var cache = SectorBytes()
    private(set) var platter = SectorBytes()
    /// Sectors whose cached bytes are to reach the platter with the next sync.
    private var dirty: [Bool] = []
    /// Really allocated but never written: a ballast.
    var reservedBytes = 0
    /// The open file that holds the lock.
    var lockHolder: Int32?

    var size: Int { max(cache.count, reservedBytes) }
    var hasUnsynced: Bool { cache.count != platter.count || dirty.contains(true) }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        guard !bytes.isEmpty else { return }
        let end = offset + bytes.count
        let grownFrom = cache.count
        if end > cache.count { cache.resize(to: end) }
        memcpy(cache.base + offset, bytes.baseAddress!, bytes.count)
        mark(from: min(offset, grownFrom), to: end)
    }

    func truncate(to size: Int) {
        reservedBytes = min(reservedBytes, size)
        let old = cache.count
        cache.resize(to: size)
        if size < old {
            dirty.removeLast(dirty.count - min(dirty.count, Self.sectors(size)))
            if size % Self.sectorBytes != 0 { mark(from: size - 1, to: size) }
        } else if size > old {
            mark(from: old, to: size)
        }
    }

    private func mark(from: Int, to end: Int) {
        while dirty.count < Self.sectors(end) { dirty.append(false) }
        for i in (from / Self.sectorBytes)..<Self.sectors(end) { dirty[i] = true }
    }

    private static func sectors(_ bytes: Int) -> Int { (bytes + sectorBytes - 1) / sectorBytes }

    /// All that is dirty and the size reach the platter.
    func synchronize() {
        platter.resize(to: cache.count)
        for i in dirty.indices where dirty[i] { copyToPlatter(i) }
    }

    /// Some of it does, and the rest is taken for clean: the next sync knows nothing of it.
    func failSynchronizing(_ rng: inout SeededRNG) {
        for i in dirty.indices where dirty[i] {
            if rng.oneIn(2) { copyToPlatter(i) } else { dirty[i] = false }
        }
    }

    /// A sector on its way before anybody asked.
    func writeBackOne(_ rng: inout SeededRNG) {
        guard !dirty.isEmpty else { return }
        let i = Int.random(in: dirty.indices, using: &rng)
        if dirty[i] { copyToPlatter(i) }
    }

    private func copyToPlatter(_ i: Int) {
        dirty[i] = false
        let start = i * Self.sectorBytes
        let end = min(start + Self.sectorBytes, cache.count)
        guard start < end else { return }
        if platter.count < end { platter.resize(to: end) }
        memcpy(platter.base + start, cache.base + start, end - start)
    }

    /// Clean sectors are dropped and met again as they are on the platter.
    func forgetClean() {
        for i in 0..<Self.sectors(cache.count) where i >= dirty.count || !dirty[i] {
            let start = i * Self.sectorBytes
            let end = min(start + Self.sectorBytes, cache.count)
            let held = min(max(platter.count - start, 0), end - start)
            memset(cache.base + start, 0, end - start)
            if held > 0 { memcpy(cache.base + start, platter.base + start, held) }
        }
    }

    /// A power cut: of each unsynced sector the new bytes, the old ones, or a mixture are left, and
    /// any size that lay between.
    func lose(_ cut: PowerCut, _ rng: inout SeededRNG) {
        lockHolder = nil
        let sizes = min(cache.count, platter.count)...max(cache.count, platter.count)
        let size =
            switch cut {
            case .all: cache.count
            case .nothing: platter.count
            case .some:
                [sizes.lowerBound, sizes.upperBound, Int.random(in: sizes, using: &rng)]
                    .randomElement(using: &rng)!
            }
        platter.resize(to: size)
        // Tears at 512 bytes or, as with larger sectors, at 4 KiB.
        let step = cut == .some && rng.oneIn(2) ? 8 : 1
        var keeps = true
        for i in 0..<min(dirty.count, Self.sectors(size)) {
            if i % step == 0 { keeps = cut == .all || cut == .some && rng.oneIn(2) }
            guard dirty[i] else { continue }
            let start = i * Self.sectorBytes
            let end = min(start + Self.sectorBytes, min(size, cache.count))
            guard start < end else { continue }
            if keeps {
                memcpy(platter.base + start, cache.base + start, end - start)
            } else if cut == .some, rng.oneIn(8) {
                tear(start..<end, &rng)
            }
        }
        cache.take(platter)
        dirty.removeAll(keepingCapacity: true)
    }

    /// A sector half written. Bytes that the write leaves as they were come to no harm: every disk
    /// keeps that, and SQLite's write-ahead log rests on it, too ("powersafe overwrite").
    private func tear(_ range: Range<Int>, _ rng: inout SeededRNG) {
        let kind = Int.random(in: 0..<4, using: &rng)
        let at = Int.random(in: range, using: &rng)
        let (old, new) = (platter.base, cache.base)
        for i in range {
            let byte = new.load(fromByteOffset: i, as: UInt8.self)
            guard byte != old.load(fromByteOffset: i, as: UInt8.self) else { continue }
            switch kind {
            case 0 where i < at, 1 where i >= at:
                old.storeBytes(of: byte, toByteOffset: i, as: UInt8.self)
            case 2: old.storeBytes(of: 0, toByteOffset: i, as: UInt8.self)
            case 3:
                old.storeBytes(
                    of: UInt8(truncatingIfNeeded: rng.next()), toByteOffset: i, as: UInt8.self)
            default: break
            }
        }
    }

    /// A bit that flips where nobody wrote.
    func flip(bit: Int, at offset: Int) {
        for bytes in [cache, platter] where offset < bytes.count {
            let byte = bytes.base.load(fromByteOffset: offset, as: UInt8.self)
            bytes.base.storeBytes(
                of: byte ^ (1 << UInt8(bit)), toByteOffset: offset, as: UInt8.self)
        }
    }
}

/// What a power cut leaves of what wasn't synced.
package enum PowerCut: Sendable {
    case all, nothing, some
}

/// Bytes in one piece of memory; those behind the end are zeros.
final class SectorBytes {
    private(set) var base = UnsafeMutableRawPointer.allocate(byteCount: 512, alignment: 16)
    private(set) var count = 0
    private var capacity = 512

    init() { memset(base, 0, capacity) }
    deinit { base.deallocate() }

    func resize(to size: Int) {
        if size > capacity {
            let grown = UnsafeMutableRawPointer.allocate(byteCount: size * 2, alignment: 16)
            memcpy(grown, base, count)
            memset(grown + count, 0, size * 2 - count)
            base.deallocate()
            base = grown
            capacity = size * 2
        }
        if size < count { memset(base + size, 0, count - size) }
        count = size
    }

    func take(_ other: SectorBytes) {
        resize(to: 0)
        resize(to: other.count)
        memcpy(base, other.base, other.count)
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
}
