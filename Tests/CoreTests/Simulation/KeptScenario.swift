import Testing

/// A scenario that failed once, in the form in which the simulation printed it.
struct KeptScenario: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String

    var testDescription: String { name }

    static let all = [
        KeptScenario(
            name: "bytes are asked for before the service tells their hash",
            text: """
                profile personal
                odd hashes-late
                guard 2
                browser write e/d/e\\u{0301}
                """),
        KeptScenario(
            name: "opening an upload session changes the tag that its last fragment is to find",
            text: """
                profile business
                odd session-changes-tag
                origin write d/b
                0 save-by-deleting d/b
                """),
        KeptScenario(
            name:
                "an upload without a reply, and no hash to know it by: one file, not one more each time",
            text: """
                profile business
                odd empty-final-answer hashes-missing
                guard 2
                1 save-under-lock-file A
                """),
        KeptScenario(
            name: "a document is rewritten, and the answer to its upload has no body",
            text: """
                profile business
                odd empty-final-answer rewrites
                origin mkdir d
                0 save-by-rename d/c.docx
                """),
        KeptScenario(
            name: "no deletion with a condition is ever accepted",
            text: """
                profile business
                odd delete-never-matches
                origin write d/e
                0 retype d
                """),
        KeptScenario(
            name: "children are told of before their directory is known to be the root",
            text: """
                profile business
                odd shuffled
                origin write e/d/a
                schedule 0 34
                """),
        KeptScenario(
            name: "a deletion is answered with 404, and the item exists all the same",
            text: """
                profile business
                odd transient-not-found
                origin write d/e/A
                0 scratch d/e/A
                """),
        KeptScenario(
            name: "a directory is moved into another one that somebody deletes",
            text: """
                profile personal
                origin mkdir d
                origin write e/d/b
                1 rename e d/a
                2 rmdir d
                """),
        KeptScenario(
            name: "the cloud spells a name in another normal form",
            text: """
                profile personal
                origin write d/\\u{00E9}
                browser rename d/\\u{00E9} e\\u{0301}
                """),
        KeptScenario(
            name: "a directory is removed on both sides at once",
            text: """
                profile business
                origin write d/e\\u{0301}
                browser remove-tree d
                1 remove-tree d
                schedule 2 6
                """),
        KeptScenario(
            name: "an upload is answered with a place that is not known yet",
            text: """
                profile personal
                origin write d/a
                browser mkdir d/e
                browser rename d/a d/e/\\u{00E9}
                0 edit d/a
                """),
        KeptScenario(
            name: "what was moved elsewhere is met first when its bytes are asked for",
            text: """
                profile personal
                origin write e/d/b
                origin write d/a
                1 rename e/d/b d/c
                2 pin e/d/b
                """),
        KeptScenario(
            name: "a portal answers in place of the service while a file is read",
            text: """
                profile personalLegacy
                faulty 1 portal
                origin write a
                0 read a
                schedule 0 0 0 5
                faults 0 0 0 0
                """),
        KeptScenario(
            name: "a client ends in the midst of a write",
            text: """
                profile personalLegacy
                faulty 30 kill
                origin write d/a
                2 list d
                2 save-by-deleting d/a
                schedule 5 5
                faults 7 2 22
                """),
        KeptScenario(
            name: "nested directories are deleted by one request",
            text: """
                profile business
                guard 2
                origin mkdir d/d
                1 remove-tree d
                """),
        KeptScenario(
            name: "the root is said not to be there, on a drive without a feed of changes",
            text: """
                profile business
                odd no-feed transient-not-found
                fresh
                schedule 0 35 30 32 0 31
                """),
        KeptScenario(
            name: "a rewritten document shows late, and its upload told of no item",
            text: """
                profile business
                odd empty-final-answer late-items rewrites
                origin write d/d/c.docx
                2 save-dropping-backup d/d/c.docx
                """),
        KeptScenario(
            name: "two devices edit a file in the same second, and no hash tells who was refused",
            text: """
                profile business
                odd hashes-missing
                origin write d/d/A
                origin write d/A
                origin write e/b
                origin write d/e/A
                1 edit d/A
                0 edit d/A
                schedule 2
                """),
        KeptScenario(
            name: "a folder is deleted while it is listed, on a drive without a feed",
            text: """
                profile personalLegacy
                odd no-feed
                origin write d/a
                origin mkdir e/d
                1 remove-tree d
                schedule 3 33 0 0 0 8 0 8
                """),
        KeptScenario(
            name: "a file is saved twice in one second, and no hash tells the versions apart",
            text: """
                profile personalLegacy
                odd hashes-missing no-feed
                origin write d/a
                origin write A
                origin write A
                0 synchronize A
                0 rework A d/d/c.docx
                0 rmdir d
                0 edit A
                schedule 2 4 0 0 0 1 3 11
                """),
        KeptScenario(
            name: "an edited file is moved before its bytes go up, and no hash tells them apart",
            text: """
                profile business
                odd hashes-late
                origin write b
                origin write e/d/b
                1 write-slowly e/d/A
                0 rework e/d/b b
                """),
        KeptScenario(
            name: "a folder that is being listed lies in one that is removed",
            text: """
                profile personalLegacy
                odd no-feed
                origin mkdir d/d
                0 save-by-rename d/d/b
                0 retype b
                0 retype d
                schedule 0 0 0 0 0 0 8 0 0 0 5
                """),
        KeptScenario(
            name: "a backup is open, saved over, and its upload given up",
            text: """
                profile business
                origin write d/e/a
                0 mkdir d/d
                0 truncate c.docx
                0 read-slowly d/e/a
                0 read-slowly d/e/a
                0 save-with-backup d/e/a
                0 save-with-backup d/e/a
                schedule 1 3 0 0 0 0 0 0 0 0 0 0 2 4
                """),
        KeptScenario(
            name: "a rewritten document shows late after a power failure, and has no hash",
            text: """
                profile business
                odd empty-final-answer hashes-missing late-items rewrites
                faulty 6 corrupt-bytes dropped locked portal power-failure
                cache 20
                origin write d/d/c.docx
                0 edit e/b
                2 append d/d/c.docx
                faults 0 0 0 0 7 2 39
                """),
        KeptScenario(
            name: "what was listed before the first enumeration is gone when that comes to it",
            text: """
                profile business
                odd small-pages transient-not-found
                fresh
                origin write d/d/A
                0 write-durably d/d/a
                browser remove-tree d/d
                """),
        KeptScenario(
            name: "a folder is too new to be listed, on a drive without a feed of changes",
            text: """
                profile business
                odd empty-folder-answers late-items no-feed
                origin write d/\\u{00E9}
                0 retype d/\\u{00E9}
                """),
        KeptScenario(
            name: "somebody edits a file without a hash while it is moved here and edited",
            text: """
                profile business
                odd hashes-missing
                cache 20
                origin write c.docx
                origin write e/a
                origin write d/b
                1 read e/a
                1 synchronize c.docx
                1 edit c.docx
                1 save-dropping-backup e/a
                1 rework e/a a
                browser rework e/a d/e/b
                schedule 0 0 0 0 0 0 0 0 0 0 0 0 0 2 0 3
                """),
        KeptScenario(
            name: "a backup goes while the service refuses to make it",
            text: """
                profile business
                cache 20
                origin write d/e/b
                1 save-with-backup d/e/b
                2 save-dropping-backup d/c.docx
                0 save-dropping-backup d/e/b
                0 synchronize d/e/c.docx
                schedule 0 0 0 0 0 0 0 0 0 1
                """),
        KeptScenario(
            name: "a file on which both sides agree, beside the lock file of a program",
            text: """
                profile personalLegacy
                faulty 12 cut-body done-then-fault lost-tombstone resync
                origin write d/a
                0 save-under-lock-file d/a
                1 remove-tree d
                2 write-locked d/a
                2 list e
                0 save-under-lock-file d/a
                schedule 2 5 0 0 0 0 0 0 4 0 0 0 5 3 32 0 2 5
                faults 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 11
                """),
        KeptScenario(
            name: "a file is edited elsewhere while the removal of its folder is refused",
            text: """
                profile personal
                odd delete-never-matches
                faulty 6 dropped duplicate-entries precondition-failed resync throttled
                origin write d/A
                1 remove-tree d
                browser write d/A
                1 retype d/A
                schedule 4 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 5
                faults 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 5 1
                """),
        KeptScenario(
            name: "a portal answers in place of a new upload session, where no hash is told",
            text: """
                profile business
                odd hashes-late late-changes transient-not-found
                faulty 30 portal
                fresh
                origin write e/c.docx
                origin write d/d/e\\u{0301}
                origin write b
                origin write d/e\\u{0301}
                1 edit b
                faults 0 0 0 0 0 0 0 0 0 0 0 0 0 29
                """),
        KeptScenario(
            name: "a deletion is refused often, and then the item is said once not to be there",
            text: """
                profile personal
                odd delete-never-matches
                faulty 6 cut-body done-then-fault dropped not-found precondition-failed throttled unavailable
                poll 5
                origin write d/e/\\u{00E9}
                0 retype d
                0 scratch d/c.docx
                faults 0 5 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 5 0 5 0 0 0 0 5 3
                """),
        KeptScenario(
            name: "an empty file becomes a backup that nobody has opened",
            text: """
                profile personal
                faulty 30 clock-jump cut-body done-then-fault power-failure
                cache 20
                origin write d/a
                origin write A
                origin write A
                1 write-locked A
                1 scratch A
                0 read A
                0 save-with-backup A
                schedule 3 43
                faults 0 0 0 0 0 0 0 0 0 7 1 5
                """),
    ]
}
