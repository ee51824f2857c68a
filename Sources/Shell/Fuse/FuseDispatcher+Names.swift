import CFuse3
import Core
import Glibc

/// Callbacks that deal with names and attributes.
extension FuseDispatcher {
    static func addNames(to operations: inout fuse_lowlevel_ops) {
        operations.lookup = { raw, parent, name in
            FuseCall.serve(raw, name) { $0.lookUp($1, $2, in: InodeNumber(rawValue: parent)) }
        }
        operations.forget = { raw, inode, count in
            guard let raw else { return }
            FuseConnection.of(raw)?.fileSystem.forget(InodeNumber(rawValue: inode), count: count)
            fuse_reply_none(raw)
        }
        operations.forget_multi = { raw, count, forgets in
            guard let raw else { return }
            let fileSystem = FuseConnection.of(raw)?.fileSystem
            for forget in UnsafeBufferPointer(start: forgets, count: count) {
                fileSystem?.forget(InodeNumber(rawValue: forget.ino), count: forget.nlookup)
            }
            fuse_reply_none(raw)
        }
        operations.mknod = { raw, parent, name, mode, _ in
            FuseCall.serve(raw, name) { fileSystem, request, name in
                // Devices, pipes and sockets have no place in a drive.
                guard mode & S_IFMT == S_IFREG || mode & S_IFMT == 0 else {
                    request.reply(error: .notPermitted)
                    return
                }
                fileSystem.makeFile(
                    request, name, in: InodeNumber(rawValue: parent),
                    permissions: UInt16(mode & 0o7777))
            }
        }
        operations.mkdir = { raw, parent, name, mode in
            FuseCall.serve(raw, name) {
                $0.makeDirectory(
                    $1, $2, in: InodeNumber(rawValue: parent), permissions: UInt16(mode & 0o7777))
            }
        }
        operations.symlink = { raw, target, parent, name in
            let target = target.map { Array(FuseCall.bytes(of: $0)) } ?? []
            FuseCall.serve(raw, name) {
                $0.makeSymlink($1, $2, in: InodeNumber(rawValue: parent), target: target)
            }
        }
        operations.readlink = { raw, inode in
            FuseCall.serve(raw) { $0.readLink($1, InodeNumber(rawValue: inode)) }
        }
        operations.link = { raw, _, _, _ in
            // A drive cannot hold one file in two places.
            FuseCall.serve(raw) { $1.reply(error: .notPermitted) }
        }
        operations.unlink = { raw, parent, name in
            FuseCall.serve(raw, name) { $0.unlink($1, $2, in: InodeNumber(rawValue: parent)) }
        }
        operations.rmdir = { raw, parent, name in
            FuseCall.serve(raw, name) {
                $0.removeDirectory($1, $2, in: InodeNumber(rawValue: parent))
            }
        }
        operations.rename = { raw, parent, name, newParent, newName, flags in
            FuseCall.serve(raw, name) { fileSystem, request, name in
                guard let newName = newName.flatMap(FuseCall.name),
                    let mode = RenameMode(flags: flags)
                else {
                    request.reply(error: .invalidArgument)
                    return
                }
                fileSystem.rename(
                    request, name, in: InodeNumber(rawValue: parent), to: newName,
                    in: InodeNumber(rawValue: newParent), mode: mode)
            }
        }
        operations.statfs = { raw, _ in
            FuseCall.serve(raw) { $0.statistics($1) }
        }
    }

    static func addAttributes(to operations: inout fuse_lowlevel_ops) {
        operations.getattr = { raw, inode, information in
            FuseCall.serve(raw) {
                $0.attributes(
                    $1, of: InodeNumber(rawValue: inode), handle: FuseCall.handle(information))
            }
        }
        operations.setattr = { raw, inode, values, mask, information in
            FuseCall.serve(raw) { fileSystem, request in
                guard let values else {
                    request.reply(error: .invalidArgument)
                    return
                }
                fileSystem.setAttributes(
                    request, of: InodeNumber(rawValue: inode),
                    AttributeChange(values.pointee, mask: mask),
                    handle: FuseCall.handle(information))
            }
        }
        operations.setxattr = { raw, inode, name, value, count, flags in
            FuseCall.serve(raw) { fileSystem, request in
                guard let name, let mode = AttributeMode(flags: flags) else {
                    request.reply(error: .invalidArgument)
                    return
                }
                fileSystem.setExtendedAttribute(
                    request, of: InodeNumber(rawValue: inode),
                    named: Array(FuseCall.bytes(of: name)),
                    to: UnsafeRawBufferPointer(start: value, count: count).bytes, mode: mode)
            }
        }
        operations.getxattr = { raw, inode, name, capacity in
            let name = name.map { Array(FuseCall.bytes(of: $0)) } ?? []
            FuseCall.serve(raw) {
                $0.extendedAttribute(
                    $1, of: InodeNumber(rawValue: inode), named: name, capacity: capacity)
            }
        }
        operations.listxattr = { raw, inode, capacity in
            FuseCall.serve(raw) {
                $0.extendedAttributeNames(
                    $1, of: InodeNumber(rawValue: inode), capacity: capacity)
            }
        }
        operations.removexattr = { raw, inode, name in
            let name = name.map { Array(FuseCall.bytes(of: $0)) } ?? []
            FuseCall.serve(raw) {
                $0.removeExtendedAttribute($1, of: InodeNumber(rawValue: inode), named: name)
            }
        }
    }
}

extension RenameMode {
    /// Nil for flags that are unknown, or contradict each other.
    fileprivate init?(flags: UInt32) {
        // The numbers of renameat2(2).
        switch flags {
        case 0: self = .replace
        case 1: self = .noReplace
        case 2: self = .exchange
        default: return nil
        }
    }
}

extension AttributeMode {
    /// Nil for flags that are unknown, or contradict each other.
    fileprivate init?(flags: Int32) {
        // The numbers of setxattr(2).
        switch flags {
        case 0: self = .any
        case 1: self = .create
        case 2: self = .replace
        default: return nil
        }
    }
}
