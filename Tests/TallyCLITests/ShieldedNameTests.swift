import Terminal
import Testing

/// Names of keys on a command line.
@Suite struct ShieldedNameTests {
  @Test func `a name with a hyphen in front is marked, and nothing else is touched`() {
    let name = "-rpxAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    let long = "--pxAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    #expect(name.count == 43 && long.count == 43)
    let table: [(given: [String], marked: [String])] = [
      (["key", "revoke", name], ["key", "revoke", "=" + name]),
      (["--key", long], ["--key", "=" + long]),
      (["--root", name + "=file"], ["--root", "=" + name + "=file"]),
      (["--key=" + name], ["--key=" + name]),
      (["--", name], ["--", name]),
      ([name + "A", String(name.dropLast()), String(name.dropFirst()), name + ".pem"], []),
      (["-h", "--help", "--passphrase-file=x", "", "-", "=" + String(name.dropFirst())], []),
    ]
    #expect(table.count == 7)
    for (given, marked) in table {
      #expect(ShieldedName.shielding(given) == (marked.isEmpty ? given : marked))
      #expect(
        ShieldedName.shielding(given).map(ShieldedName.bare) == given, "taken off again")
    }
  }
}
