import CFuse3
import Core
import Glibc

/// Callbacks that deal with locks.
extension FuseDispatcher {
    static func addLocks(to operations: inout fuse_lowlevel_ops) {
        operations.getlk = { raw, inode, information, lock in
            let owner = LockOwner(rawValue: information?.pointee.lock_owner ?? 0)
            FuseCall.serve(raw, FuseCall.handle(information)) { fileSystem, request, handle in
                guard let lock = lock?.pointee, let range = lock.bytes, let action = lock.action,
                    case .acquire(let kind) = action
                else {
                    request.reply(error: .invalidArgument)
                    return
                }
                fileSystem.testLock(
                    request, InodeNumber(rawValue: inode), handle: handle, owner: owner,
                    FileLock(kind: kind, range: range, process: lock.l_pid))
            }
        }
        operations.setlk = { raw, inode, information, lock, waits in
            let owner = LockOwner(rawValue: information?.pointee.lock_owner ?? 0)
            FuseCall.serve(raw, FuseCall.handle(information)) { fileSystem, request, handle in
                guard let lock = lock?.pointee, let range = lock.bytes, let action = lock.action
                else {
                    request.reply(error: .invalidArgument)
                    return
                }
                fileSystem.changeLock(
                    request, InodeNumber(rawValue: inode), handle: handle, owner: owner,
                    LockChange(action: action, range: range, process: lock.l_pid),
                    waits: waits != 0)
            }
        }
        operations.flock = { raw, inode, information, operation in
            let owner = LockOwner(rawValue: information?.pointee.lock_owner ?? 0)
            FuseCall.serve(raw, FuseCall.handle(information)) { fileSystem, request, handle in
                guard let action = LockAction(flockOperation: operation) else {
                    request.reply(error: .invalidArgument)
                    return
                }
                fileSystem.lockFile(
                    request, InodeNumber(rawValue: inode), handle: handle, owner: owner, action,
                    waits: operation & LOCK_NB == 0)
            }
        }
    }
}

extension LockAction {
    fileprivate init?(flockOperation operation: Int32) {
        switch operation & ~LOCK_NB {
        case LOCK_SH: self = .acquire(.shared)
        case LOCK_EX: self = .acquire(.exclusive)
        case LOCK_UN: self = .release
        default: return nil
        }
    }
}
