extension Meter {
  /// Takes the rules of the license in force on the open date, its limit at once, and those of the
  /// license in force on the next one, which may be another.
  package mutating func use(_ rules: CountingRules, next: CountingRules, at boot: Int64) {
    use(rules, at: boot)
    nextRules = next
  }
}
