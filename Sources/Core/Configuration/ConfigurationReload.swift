/// A configuration file read anew while the client runs.
package struct ConfigurationReload: Hashable, Sendable {
    /// What the client goes on with: what may change while it runs is new.
    package let configuration: Configuration
    /// The keys whose new values take effect at the next start only.
    package let needingRestart: [ConfigurationKey]

    package init(from running: Configuration, to new: Configuration) {
        var configuration = running
        configuration.logLevel = new.logLevel
        configuration.pollInterval = new.pollInterval
        configuration.uploadDelay = new.uploadDelay
        configuration.deleteGuard = new.deleteGuard
        configuration.cacheLimit = new.cacheLimit
        configuration.keepFree = new.keepFree
        configuration.noHydrate = new.noHydrate
        self.configuration = configuration
        needingRestart = ConfigurationKey.allCases.filter {
            !$0.hasSameValue(configuration, new)
        }
    }
}

extension ConfigurationKey {
    /// Whether two configurations agree in what this key says.
    fileprivate func hasSameValue(_ one: Configuration, _ other: Configuration) -> Bool {
        switch self {
        case .clientID: one.clientID == other.clientID
        case .clientSecret: one.clientSecret == other.clientSecret
        case .redirectURI: one.redirectURI == other.redirectURI
        case .cookie: one.cookie == other.cookie
        case .systemDirectory: one.systemDirectory == other.systemDirectory
        case .mountDirectory: one.mountDirectory == other.mountDirectory
        case .logLevel: one.logLevel == other.logLevel
        case .tenant: one.tenant == other.tenant
        // A cloud stands for its two endpoints.
        case .cloud, .graphEndpoint: one.graphEndpoint == other.graphEndpoint
        case .loginEndpoint: one.loginEndpoint == other.loginEndpoint
        case .scope: one.scope == other.scope
        case .drive: one.drive == other.drive
        case .pollInterval: one.pollInterval == other.pollInterval
        case .uploadDelay: one.uploadDelay == other.uploadDelay
        case .deleteGuard: one.deleteGuard == other.deleteGuard
        case .uploadLimit: one.uploadLimit == other.uploadLimit
        case .downloadLimit: one.downloadLimit == other.downloadLimit
        case .connections: one.connections == other.connections
        case .cacheLimit: one.cacheLimit == other.cacheLimit
        case .keepFree: one.keepFree == other.keepFree
        case .noHydrate: one.noHydrate == other.noHydrate
        case .exclude: one.exclude == other.exclude
        case .names: one.names == other.names
        case .remoteLocks: one.remoteLocks == other.remoteLocks
        case .readOnly: one.readOnly == other.readOnly
        case .allowOther: one.allowOther == other.allowOther
        }
    }
}
