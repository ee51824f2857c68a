import Core

/// A known bug, built in between the client and its surroundings: each has lost somebody's files in
/// some client.
///
/// The simulation must find every one of them; how many scenarios that takes measures it.
package enum Mutant: String, Hashable, Sendable, CaseIterable {
    case uploadWithoutCondition = "an upload replaces whatever is there"
    case deletionWithoutCondition = "a deletion takes whatever is there"
    case moveWithoutCondition = "a move moves whatever is there"
    case creationReplaces = "a new file replaces one of its name"
    case missingTakenForAbsent = "what could not be looked at counts as deleted"
    case firstPageTakenForAll = "the first page of an enumeration counts as all of it"
    case entriesSkipped = "the place to go on from is ahead of what was taken in"
    case cursorCommittedFirst = "the place to go on from is committed before what led there"
    case nodeRecordsLost = "rows of the database go missing"
    case generationRecordsLost = "the database forgets content files"
    case sentForgotten = "the database does not keep what was sent"
    case agreedBeforeAnswer = "what was sent counts as agreed"
    case errorBodyStored = "the body of an error is stored as content"
    case writerUnseen = "files are uploaded while a program writes"
    case locksUnseen = "locks of programs are not seen"
    case frozenBytesChanged = "bytes change while they are uploaded"
    case editTakenForBase = "an edit counts as the old version"
    case contentNotFound = "the content directory looks empty at start"
    case identitiesReused = "numbers are given out twice"
    case guardIgnored = "deletions are not counted"
    case wakesLost = "waiting programs are forgotten"
    case timersLost = "timers are forgotten"
    case movesDropped = "items that come from elsewhere are dropped"
    case renameTakenForDeletion = "a rename in the cloud counts as a deletion"
    case tombstonesReplayed = "old deletions are told again as new"
    case staleAnswers = "an old answer is given again"
    case downloadsUnverified = "bytes that came are not compared with their hash"
    case timeInvented = "a missing time becomes the present"
    case lostReplyTakenForSuccess = "a request without an answer counts as done"
    /// Not a bug: a check that fails always, to show that failures are seen.
    case canary = "a check that always fails"
}

/// What a mutant remembers of one client.
struct MutantMemory {
    var count = 0
    var heldRecords: [RecordChange] = []
    var missing: [ItemID] = []
    var deleted: [RemoteItem] = []
    var answers: [ItemID: RemoteItem] = [:]
}
