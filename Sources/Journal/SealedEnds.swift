/// The HEAD and SEAL of a sealed segment: two files of one name with equal ends are the same, as the
/// SEAL's chain hangs on every header in between.
package struct SealedEnds: Equatable, Sendable {
    private var head: UInt32
    private var seal: UInt32
    private var size: Int

    /// nil: it isn't sealed, its ends don't hold, or it isn't there any more.
    package static func read(
        _ name: String, _ directory: DataDirectory, _ fileSystem: any FileSystem
    ) throws(FileError) -> SealedEnds? {
        do throws(FileError) {
            guard let (head, seal) = try SegmentState.ends(name, directory, fileSystem) else {
                return nil
            }
            return SealedEnds(
                head: head.headerCRC, seal: seal.headerCRC, size: seal.endOffset)
        } catch {
            if error.isMissing { return nil }
            throw error
        }
    }
}
