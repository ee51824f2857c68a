/// What commands are answered, in words.
package enum ControlText {
    package static let paused =
        "paused: nothing goes up or comes down until 'onedrive resume'; what is under way ends first"
    package static let resumed = "syncing goes on"
    package static let otherDrive =
        "the sign-in leads to another drive than the one this state belongs to; sign in with the "
        + "account of before, or choose another system_directory"
    package static let signedInAnew = "the running client goes on with the new sign-in"
    package static let signedOut = "signed out: run 'onedrive login'"
    package static let notWritten = "the state cannot be written: see the log of the client"

    package static func approved(_ count: Int) -> String {
        switch count {
        case 0: "no deletions are held back"
        case 1: "1 deletion goes on"
        default: "\(count) deletions go on"
        }
    }

    /// Why the service was not asked for a small picture, or did not answer.
    package static func noThumbnail(_ error: PosixError) -> String {
        switch error {
        case .noEntry: "the cloud does not have it"
        case .accessDenied: "the service refuses it, or wants a new sign-in ('onedrive login')"
        case .networkUnreachable: "offline"
        default: "the service does not answer as it should; try again later"
        }
    }

    /// What comes of the wish to look for changes now, where nobody waits for it.
    package static func hurried(_ obstacle: PosixError?) -> String {
        obstacle.map(notSynchronized) ?? "looking for changes; 'onedrive status' shows how it goes"
    }

    /// Why both sides do not come to agree.
    package static func notSynchronized(_ error: PosixError) -> String {
        switch error {
        case .busy: "syncing is paused: 'onedrive resume' lets it go on"
        case .accessDenied: "sign-in needed: run 'onedrive login'"
        case .tryAgain:
            "some files could not be fetched; they are tried again: 'onedrive status' says why"
        default: "offline: changes are kept and go up later"
        }
    }
}
