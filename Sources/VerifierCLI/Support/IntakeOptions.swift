internal import ArgumentParser
internal import Serving
internal import Terminal
internal import Verifier

/// Settings of the ways in that ask for no token.
struct IntakeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Proxies from which beats without a token are taken, besides this machine: addresses and IPv4 \
      networks with commas between them, or any. Only listed ones are believed where a push came from.
      """, valueName: "list"))
  var intakeFrom: String?

  @Option(
    help: ArgumentHelp(
      """
      Where /v1/admit finds who pushes; the first of the list that is present wins: header:NAME, \
      query:NAME, basic-user, datakit-agent, client-certificate:HEADER, address, each with =KIND if \
      need be; datakit-agent by default.
      """, valueName: "list"))
  var identity: String?

  @Option(
    help: ArgumentHelp(
      """
      What names a DataKit: hostname (the default), hostname+ip or hostname+runtime_id; with more \
      than the host name it is counted by its usage trace alone.
      """, valueName: "members"))
  var datakitIdentity: String?

  @Option(
    help: ArgumentHelp(
      """
      What becomes of a push that cannot be judged, for want of a license or a clock: admit (the \
      default) or refuse.
      """, valueName: "answer"))
  var intakeDoubt: String?

  @Option(
    help: ArgumentHelp(
      "What becomes of a push that names no collector: admit (the default) or refuse.",
      valueName: "answer"))
  var intakeUnidentified: String?

  /// The settings of this group.
  static let known = [
    "intake-from", "identity", "datakit-identity", "intake-doubt", "intake-unidentified",
  ]

  /// What the command line gave.
  var flags: [String: String?] {
    [
      "intake-from": intakeFrom, "identity": identity, "datakit-identity": datakitIdentity,
      "intake-doubt": intakeDoubt, "intake-unidentified": intakeUnidentified,
    ]
  }

  /// What the settings come to.
  /// - Throws: ``CommandError``.
  static func settings(_ settings: Settings) throws(CommandError) -> IntakeSettings {
    IntakeSettings(
      gate: try gate(settings), identity: try identity(settings),
      doubt: try leaning("intake-doubt", settings),
      unidentified: try leaning("intake-unidentified", settings))
  }

  private static func gate(_ settings: Settings) throws(CommandError) -> PeerList {
    guard let list = settings.string("intake-from") else { return .thisMachine }
    guard let gate = PeerList(list) else {
      throw CommandError(
        .usage,
        "setting intake-from must be any, or addresses and IPv4 networks with commas between "
          + "them, such as 10.0.0.7,192.168.0.0/16")
    }
    return gate
  }

  private static func identity(_ settings: Settings) throws(CommandError) -> IdentityRules {
    let dataKit = settings.string("datakit-identity")
    do throws(SettingFault) {
      return try IdentityRules(sources: settings.string("identity"), dataKit: dataKit)
    } catch {
      throw CommandError(.usage, "setting identity or datakit-identity: \(error.message)")
    }
  }

  private static func leaning(
    _ name: String, _ settings: Settings
  ) throws(CommandError) -> IntakeSettings.Leaning {
    guard let text = settings.string(name) else { return .admit }
    guard let leaning = IntakeSettings.Leaning(rawValue: text) else {
      throw CommandError(.usage, "setting \(name) must be admit or refuse")
    }
    return leaning
  }
}
