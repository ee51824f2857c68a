import CFuse3
import Core
import Glibc

/// Callbacks that deal with open files and directories.
extension FuseDispatcher {
    static func addFiles(to operations: inout fuse_lowlevel_ops) {
        operations.open = { raw, inode, information in
            let flags = OpenFlags(rawValue: information?.pointee.flags ?? 0)
            FuseCall.serve(raw) { $0.open($1, InodeNumber(rawValue: inode), flags: flags) }
        }
        operations.create = { raw, parent, name, mode, information in
            let flags = OpenFlags(rawValue: information?.pointee.flags ?? 0)
            FuseCall.serve(raw, name) {
                $0.create(
                    $1, $2, in: InodeNumber(rawValue: parent), permissions: UInt16(mode & 0o7777),
                    flags: flags)
            }
        }
        operations.read = { raw, inode, count, offset, information in
            FuseCall.serve(raw, FuseCall.handle(information)) {
                $0.read(
                    $1, InodeNumber(rawValue: inode), handle: $2, offset: Int64(offset),
                    count: count)
            }
        }
        operations.write = { raw, inode, bytes, count, offset, information in
            FuseCall.serve(raw, FuseCall.handle(information)) {
                $1.connection.noteWrite()
                $0.write(
                    $1, InodeNumber(rawValue: inode), handle: $2, offset: Int64(offset),
                    bytes: UnsafeRawBufferPointer(start: bytes, count: count).bytes)
            }
        }
        operations.flush = { raw, inode, information in
            let owner = LockOwner(rawValue: information?.pointee.lock_owner ?? 0)
            FuseCall.serve(raw, FuseCall.handle(information)) {
                $0.flush($1, InodeNumber(rawValue: inode), handle: $2, owner: owner)
            }
        }
        operations.release = { raw, inode, information in
            let owner = information.flatMap {
                $0.pointee.flock_release != 0 ? LockOwner(rawValue: $0.pointee.lock_owner) : nil
            }
            FuseCall.serve(raw, FuseCall.handle(information)) {
                $0.release($1, InodeNumber(rawValue: inode), handle: $2, flockOwner: owner)
            }
        }
        operations.fsync = { raw, inode, dataOnly, information in
            FuseCall.serve(raw, FuseCall.handle(information)) {
                $0.synchronize(
                    $1, InodeNumber(rawValue: inode), handle: $2, dataOnly: dataOnly != 0)
            }
        }
    }

    static func addRanges(to operations: inout fuse_lowlevel_ops) {
        operations.fallocate = { raw, inode, mode, offset, count, information in
            FuseCall.serve(raw, FuseCall.handle(information)) { fileSystem, request, handle in
                guard let mode = AllocationMode(flags: mode) else {
                    request.reply(error: .notSupported)
                    return
                }
                let (end, overflow) = Int64(offset).addingReportingOverflow(Int64(count))
                guard offset >= 0, count > 0, !overflow else {
                    request.reply(error: overflow ? .fileTooLarge : .invalidArgument)
                    return
                }
                fileSystem.allocate(
                    request, InodeNumber(rawValue: inode), handle: handle, mode: mode,
                    range: Int64(offset)..<end)
            }
        }
        operations.lseek = { raw, inode, offset, whence, information in
            FuseCall.serve(raw, FuseCall.handle(information)) { fileSystem, request, handle in
                guard let target = SeekTarget(whence: whence), offset >= 0 else {
                    request.reply(error: .invalidArgument)
                    return
                }
                fileSystem.seek(
                    request, InodeNumber(rawValue: inode), handle: handle, to: target,
                    from: Int64(offset))
            }
        }
        operations.copy_file_range = {
            raw, inode, offset, information, toInode, toOffset, toInformation, count, _ in
            FuseCall.serve(raw, FuseCall.handle(information)) { fileSystem, request, source in
                guard let target = FuseCall.handle(toInformation) else {
                    request.reply(error: .badDescriptor)
                    return
                }
                fileSystem.copyRange(
                    request,
                    from: FileRange(
                        inode: InodeNumber(rawValue: inode), handle: source, offset: Int64(offset)),
                    to: FileRange(
                        inode: InodeNumber(rawValue: toInode), handle: target,
                        offset: Int64(toOffset)),
                    count: count)
            }
        }
    }

    static func addDirectories(to operations: inout fuse_lowlevel_ops) {
        operations.opendir = { raw, inode, _ in
            FuseCall.serve(raw) { $0.openDirectory($1, InodeNumber(rawValue: inode)) }
        }
        operations.readdir = { raw, inode, capacity, offset, information in
            FuseCall.serve(raw, FuseCall.handle(information)) {
                $0.readDirectory(
                    $1, InodeNumber(rawValue: inode), handle: $2, offset: Int64(offset),
                    listing: DirectoryListing(capacity: capacity, hasAttributes: false))
            }
        }
        operations.readdirplus = { raw, inode, capacity, offset, information in
            FuseCall.serve(raw, FuseCall.handle(information)) {
                $0.readDirectory(
                    $1, InodeNumber(rawValue: inode), handle: $2, offset: Int64(offset),
                    listing: DirectoryListing(capacity: capacity, hasAttributes: true))
            }
        }
        operations.releasedir = { raw, inode, information in
            FuseCall.serve(raw, FuseCall.handle(information)) {
                $0.releaseDirectory($1, InodeNumber(rawValue: inode), handle: $2)
            }
        }
        operations.fsyncdir = { raw, inode, dataOnly, information in
            FuseCall.serve(raw, FuseCall.handle(information)) {
                $0.synchronizeDirectory(
                    $1, InodeNumber(rawValue: inode), handle: $2, dataOnly: dataOnly != 0)
            }
        }
    }
}

extension AllocationMode {
    /// Nil for what only some file systems can do.
    fileprivate init?(flags: Int32) {
        // The numbers of fallocate(2): 1 keeps the size, 2 punches a hole, 16 makes zeros.
        switch flags {
        case 0: self = .reserve(keepsSize: false)
        case 1: self = .reserve(keepsSize: true)
        case 1 | 2: self = .punchHole
        case 16: self = .zero(keepsSize: false)
        case 1 | 16: self = .zero(keepsSize: true)
        default: return nil
        }
    }
}

extension SeekTarget {
    fileprivate init?(whence: Int32) {
        // The numbers of lseek(2).
        switch whence {
        case 3: self = .data
        case 4: self = .hole
        default: return nil
        }
    }
}
