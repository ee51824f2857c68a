/// One line of the table: what was measured of one mark.
struct Finding {
    let mark: String
    let work: String
    /// What it was compared with.
    let against: String
    let goal: Goal
    let number: Sample
    /// Seconds that the product and the other side took, where the number is a ratio.
    var seconds: (product: Sample, other: Sample)?

    init(_ mark: String, _ work: String, against: String, _ goal: Goal, _ number: Sample) {
        self.mark = mark
        self.work = work
        self.against = against
        self.goal = goal
        self.number = number
    }
}
