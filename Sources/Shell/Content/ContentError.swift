import Core
import Glibc

/// Why a content file could not be worked on.
package enum ContentError: Error, Hashable, Sendable {
    case failed(path: String, SystemCallFailure)
    /// The file ends before the bytes that were asked for.
    case truncated(path: String, size: Int64, expected: Int64)
    /// Whoever asked does not need the result any more.
    case cancelled(path: String)

    /// The error number to answer a program with.
    package var errorNumber: Int32 {
        switch self {
        case .failed(_, let failure): failure.code
        case .truncated: EIO
        case .cancelled: ECANCELED
        }
    }

    /// Whether the disk has no room for it.
    package var isNoSpace: Bool {
        switch self {
        case .failed(_, let failure): failure.isNoSpace
        case .truncated, .cancelled: false
        }
    }

    /// Whether there is no such file.
    package var isMissing: Bool {
        switch self {
        case .failed(_, let failure): failure.code == ENOENT
        case .truncated, .cancelled: false
        }
    }
}

extension ContentError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .failed(let path, let failure):
            "\(path): \(failure)"
        case .truncated(let path, let size, let expected):
            "\(path): holds \(size) bytes instead of \(expected)"
        case .cancelled(let path):
            "\(path): cancelled"
        }
    }
}
