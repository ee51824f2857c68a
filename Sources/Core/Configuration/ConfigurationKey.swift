/// The keys of a configuration file.
package enum ConfigurationKey: String, Hashable, Sendable, CaseIterable {
    case clientID = "client_id"
    case clientSecret = "client_secret"
    case redirectURI = "redirect_uri"
    case cookie
    case systemDirectory = "system_directory"
    case mountDirectory = "mount_directory"
    case logLevel = "log_level"
    case tenant
    case cloud
    case graphEndpoint = "graph_endpoint"
    case loginEndpoint = "login_endpoint"
    case scope
    case drive
    case pollInterval = "poll_interval"
    case uploadDelay = "upload_delay"
    case deleteGuard = "delete_guard"
    case uploadLimit = "upload_limit"
    case downloadLimit = "download_limit"
    case connections
    case cacheLimit = "cache_limit"
    case keepFree = "keep_free"
    case noHydrate = "no_hydrate"
    case exclude
    case names
    case remoteLocks = "remote_locks"
    case readOnly = "read_only"
    case allowOther = "allow_other"
}
