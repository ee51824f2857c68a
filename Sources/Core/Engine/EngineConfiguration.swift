/// What the user decided, as far as the engine needs to know.
package struct EngineConfiguration: Hashable, Sendable {
    /// How long a change rests before it goes up, in nanoseconds: programs save in several steps.
    package var uploadDelay: Int64
    /// How often the service is asked for changes, in nanoseconds.
    package var pollInterval: Int64
    /// A plan with more deletions than this waits for the user.
    package var deleteGuard: Int
    /// Names this device in conflict copies.
    package var host: String
    package var isReadOnly: Bool
    /// Whose files these are on this device.
    package var owner: UInt32
    package var group: UInt32
    /// Whether names that OneDrive forbids are refused instead of mapped to look-alikes.
    package var rejectsNames: Bool
    /// Patterns of names that stay on this device.
    package var exclusions: [NamePattern]
    package var scheduler: RequestScheduler.Configuration
    package var cache: CachePolicy
    /// Who gets only what is here already.
    package var hydration: HydrationPolicy
    /// Whether exclusive locks are taken in the cloud as well.
    package var remoteLocks: RemoteLockPolicy
    /// The configuration file, which programs that look at the mount can ask for; nil if there is
    /// none.
    package var file: String?

    package init(
        uploadDelay: Int64 = 2_000_000_000, pollInterval: Int64 = 30_000_000_000,
        deleteGuard: Int = 1000, host: String, isReadOnly: Bool = false,
        owner: UInt32, group: UInt32, rejectsNames: Bool = false,
        exclusions: [NamePattern] = [], scheduler: RequestScheduler.Configuration = .init(),
        cache: CachePolicy = .init(), hydration: HydrationPolicy = .init(),
        remoteLocks: RemoteLockPolicy = .off, file: String? = nil
    ) {
        self.uploadDelay = uploadDelay
        self.pollInterval = pollInterval
        self.deleteGuard = deleteGuard
        self.host = host
        self.isReadOnly = isReadOnly
        self.owner = owner
        self.group = group
        self.rejectsNames = rejectsNames
        self.exclusions = exclusions
        self.scheduler = scheduler
        self.cache = cache
        self.hydration = hydration
        self.remoteLocks = remoteLocks
        self.file = file
    }
}
