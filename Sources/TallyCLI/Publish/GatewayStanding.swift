internal import Authority
internal import Sealing
internal import Terminal

/// What a gateway says that it knows, held against the registry.
enum GatewayStanding {
  /// - Parameters:
  ///   - expected: the registry's own numbers.
  ///   - answer: the gateway's to a publication.
  /// - Throws: ``CommandError``: status 1 when one of the two knows what the other does not, 2 for an
  ///   answer that says nothing of it.
  static func require(
    _ expected: NewestNumbers, of answer: String, _ address: String
  ) throws(CommandError) {
    guard let value = try? JSONScanner.scan(Array(answer.utf8), maximumDepth: 4),
      let epoch = value["epoch"]?.integer
    else {
      throw CommandError(
        .fault,
        "\(address) took the publication and does not say which keyset it knows: is it a gateway "
          + "of this vendor?")
    }
    try compare(expected.epoch, epoch, "keyset", address)
    try compare(
      expected.revocations ?? 0, value["revocations"]?.integer ?? 0, "revocations", address)
  }

  private static func compare(
    _ own: Int64, _ theirs: Int64, _ what: String, _ address: String
  ) throws(CommandError) {
    if theirs > own {
      throw CommandError(
        .refused,
        "\(address) knows \(what) \(theirs), this registry \(own == 0 ? "none" : "only \(own)"): "
          + "the registry has fallen behind, as after a copy was put back; issue nothing more with "
          + "it, and put back its newest copy or take back what it lacks (\"tally registry "
          + "restore\")")
    }
    if theirs < own {
      throw CommandError(
        .refused,
        "\(address) knows \(theirs == 0 ? "no \(what)" : "only \(what) \(theirs)"), this "
          + "registry \(own): the gateway has fallen behind, as after a copy was put back; send "
          + "it everything with --all")
    }
  }
}
