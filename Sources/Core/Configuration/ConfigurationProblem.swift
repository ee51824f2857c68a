/// Something in a configuration file that keeps the program from starting.
package struct ConfigurationProblem: Error, Hashable, Sendable {
    package var position: TextPosition
    /// What is wrong, without the place.
    ///
    /// It never repeats the value of a secret.
    package var message: String
    /// What the user probably meant.
    package var suggestion: String?

    package init(at position: TextPosition, _ message: String, suggestion: String? = nil) {
        self.position = position
        self.message = message
        self.suggestion = suggestion
    }

    /// The problem as one line, the way compilers write it.
    package func text(file: String) -> String {
        "\(file):\(position.line):\(position.column): \(message)"
            + (suggestion.map { " — did you mean '\($0)'?" } ?? "")
    }
}

/// All that is wrong with a configuration file, at least one problem, in the order of the file.
package struct ConfigurationProblems: Error, Hashable, Sendable {
    package let problems: [ConfigurationProblem]

    init(first: ConfigurationProblem, others: [ConfigurationProblem]) {
        problems = ([first] + others).enumerated()
            .sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }
            .map(\.element)
    }
}
