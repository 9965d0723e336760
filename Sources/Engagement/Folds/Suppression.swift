/// Subjects whose tracking is withdrawn, all of them, in memory: asked once per subject and flush
/// generation, so it needs no cache of its own.
final class Suppression {
    private let texts: Interner
    private var isOff: [Bool] = []
    private var visitors = 0

    init(key: HashKey, withdrawn: [[UInt8]]) {
        texts = Interner(key: key)
        for text in withdrawn { text.withUnsafeBytes { set($0, isOff: true) } }
    }

    deinit { texts.deallocate() }

    /// Whether any visitor is among them: else a second name on a line can't forbid anything.
    var holdsVisitors: Bool { visitors > 0 }

    func isOff(_ subject: UnsafeRawBufferPointer) -> Bool {
        guard let id = texts.find(subject.baseAddress!, subject.count) else { return false }
        return isOff[Int(id)]
    }

    func set(_ subject: UnsafeRawBufferPointer, isOff off: Bool) {
        if !off, texts.find(subject.baseAddress!, subject.count) == nil { return }
        let id = Int(texts.intern(subject))
        if id == isOff.count { isOff.append(false) }
        guard isOff[id] != off else { return }
        isOff[id] = off
        if subject[0] == UInt8(ascii: "v") { visitors += off ? 1 : -1 }
    }
}
