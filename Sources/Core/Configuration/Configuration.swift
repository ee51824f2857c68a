/// What the user asked for in the configuration file, complete with defaults.
package struct Configuration: Hashable, Sendable {
    /// The absolute path of the file from which this comes; nil if it comes from none.
    package var file: String?
    /// The application registered with the identity platform.
    package var clientID: String
    /// The secret of a confidential application.
    ///
    /// Desktop applications have none.
    package var clientSecret: String?
    /// Where the identity platform sends the browser back to.
    package var redirectURI: String?
    /// The cookie of a signed-in browser, which signs in without asking anybody.
    package var cookie: String?
    /// Where state, contents and credentials are kept: an absolute path without `.` and `..`.
    package var systemDirectory: String
    /// Where the drive appears: an absolute path without `.` and `..`.
    package var mountDirectory: String
    package var logLevel = LogLevel.notice
    /// The directory that signs the user in: a tenant's id or domain, `common`, `organizations`
    /// or `consumers`.
    package var tenant = "common"
    /// The root of Graph, without version and without a slash at the end.
    package var graphEndpoint = Cloud.global.graphEndpoint
    /// The root of the identity platform, without a slash at the end.
    package var loginEndpoint = Cloud.global.loginEndpoint
    /// The permissions that are asked for, separated by blanks.
    package var scope = "Files.ReadWrite.All offline_access"
    package var drive = DriveSelection.own
    /// How often the service is asked for changes.
    package var pollInterval = Duration.seconds(60)
    /// How long a changed file rests before it goes up, since programs save in several steps.
    package var uploadDelay = Duration.seconds(2)
    /// A plan with more deletions than this waits for the user.
    package var deleteGuard = 2_500
    /// Bytes per second, or nil for no limit.
    package var uploadLimit: Int64?
    /// Bytes per second, or nil for no limit.
    package var downloadLimit: Int64?
    /// How many transfers run at once.
    package var connections = 10
    /// The most bytes that files on this disk take which are in the cloud as well; nil for no limit.
    package var cacheLimit: Int64?
    /// How many bytes of the disk are left free for others.
    package var keepFree: Int64 = 1 << 30
    /// Names of processes that read only what is here already.
    package var noHydrate = HydrationPolicy.usual
    /// Patterns of names that stay on this device.
    package var exclude: [String] = []
    package var names = NamePolicy.map
    package var remoteLocks = RemoteLockPolicy.off
    /// True never changes anything in the cloud.
    package var readOnly = false
    /// True lets other users of this machine see the mount.
    package var allowOther = false

    package init(clientID: String, systemDirectory: String, mountDirectory: String) {
        self.clientID = clientID
        self.systemDirectory = systemDirectory
        self.mountDirectory = mountDirectory
    }

    /// What must not appear in anything that is shown around.
    package var secrets: [String] { [clientSecret, cookie].compactMap { $0 } }

    /// True if the file from which this comes must be readable by its owner only.
    package var holdsSecret: Bool { clientSecret != nil || cookie != nil }
}

/// How much the log tells, the names being those of the original configuration.
package enum LogLevel: String, Hashable, Sendable, CaseIterable {
    case critical = "CRITICAL"
    case error = "ERROR"
    case warning = "WARNING"
    case notice = "NOTICE"
    case info = "INFO"
    case debug = "DEBUG"
    case trace = "TRACE"
}

/// The separate installations of the service.
package enum Cloud: String, Hashable, Sendable, CaseIterable {
    case global
    /// Government of the United States, level 4 (GCC High).
    case usGovernment = "us-gov"
    /// Government of the United States, level 5.
    case usDefense = "us-dod"
    /// China, run by 21Vianet.
    case china

    package var graphEndpoint: String {
        switch self {
        case .global: "https://graph.microsoft.com"
        case .usGovernment: "https://graph.microsoft.us"
        case .usDefense: "https://dod-graph.microsoft.us"
        case .china: "https://microsoftgraph.chinacloudapi.cn"
        }
    }

    package var loginEndpoint: String {
        switch self {
        case .global: "https://login.microsoftonline.com"
        case .usGovernment, .usDefense: "https://login.microsoftonline.us"
        case .china: "https://login.partner.microsoftonline.cn"
        }
    }
}

/// Which drive is mounted.
package enum DriveSelection: Hashable, Sendable {
    /// The signed-in user's own drive: `drive: me`.
    case own
    /// Any drive, by its id.
    case id(String)
    /// A library of a SharePoint site, or its default library.
    ///
    /// The path is relative to the host and begins with a slash, or is empty for the root site.
    case site(host: String, path: String, library: String?)
}

/// What becomes of names that OneDrive forbids.
package enum NamePolicy: String, Hashable, Sendable, CaseIterable {
    /// They are mapped to look-alikes, reversibly.
    case map
    /// Creating one fails with `EINVAL`.
    case reject
}

/// Whether the locks of programs hold on other devices, too.
package enum RemoteLockPolicy: String, Hashable, Sendable, CaseIterable {
    /// They hold on this device.
    case off
    /// Exclusive ones check the file out in the cloud.
    case checkout
}
