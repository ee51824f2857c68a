/// How an open file is served.
package struct OpenReply: Hashable, Sendable {
    package var handle: HandleID
    package var pages: PageMode
    /// Whether the file has positions; `lseek(2)` on others fails with ESPIPE.
    package var isSeekable: Bool

    /// Where the bytes that programs read come from.
    package enum PageMode: Hashable, Sendable {
        /// From the page cache. What it holds from earlier stays if `keepsEarlier` is set: right only
        /// while the file is still the same generation.
        case cached(keepsEarlier: Bool)
        /// From the file system, each time.
        case direct
        /// From the content file behind it, without asking the file system. While an inode is open
        /// so, it cannot be open in another way, nor with another backing: the kernel answers EIO.
        case passthrough(BackingID)
    }

    package init(handle: HandleID, pages: PageMode, isSeekable: Bool = true) {
        self.handle = handle
        self.pages = pages
        self.isSeekable = isSeekable
    }
}
