internal import ArgumentParser
internal import Authority
internal import Libcrypto
internal import Licensing
internal import Sealing
internal import Terminal

/// What stands behind `--yes`: codes of questions, or nothing.
struct YesArgument: ExpressibleByArgument, CustomStringConvertible {
  let confirmation: Confirmation

  /// A bare `--yes`.
  static let general = YesArgument(confirmation: Confirmation(isGeneral: true))

  init(confirmation: Confirmation) { self.confirmation = confirmation }

  init?(argument: String) {
    let codes = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    // The name of a license behind a bare --yes is not taken for a code.
    guard
      codes.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { 0x41...0x5A ~= $0 || $0 == 0x5F } })
    else { return nil }
    self.init(confirmation: Confirmation(codes: Set(codes)))
  }

  var description: String {
    confirmation.isGeneral
      ? "what concerns this document alone" : confirmation.codes.sorted().joined(separator: ",")
  }
}

/// What is confirmed before it is asked.
struct YesOption: ParsableArguments {
  @Option(
    defaultAsFlag: YesArgument.general, parsing: .next,
    help: ArgumentHelp(
      "Confirm the questions of these codes; the audit log keeps it.", valueName: "code,..."))
  var yes: YesArgument?

  func validate() throws {
    let known = Confirmation.knownCodes
    for code in (yes?.confirmation.codes ?? []).sorted() where !known.contains(code) {
      throw ValidationError(
        "--yes \(code.prefix(64)): no question has this code; name codes such as "
          + "TERM_OVER,LIMIT_LARGE")
    }
  }

  /// Tells the questions; unless all are confirmed nothing is issued.
  /// - Parameters:
  ///   - isTrial: whether nothing is to be issued anyway.
  ///   - done: what has not happened, where it is not that something is issued.
  /// - Returns: what a trial is to end with, once it has shown what it came to; nil where it goes on.
  /// - Throws: ``AuthorityError`` `QUESTIONS_OPEN`.
  @discardableResult
  func ask(
    _ questions: [IssuingQuestion], _ format: Format, isTrial: Bool = false,
    done: String = "issued"
  ) throws(AuthorityError) -> AuthorityError? {
    let confirmation = yes?.confirmation ?? Confirmation()
    for question in questions {
      Output.talk(Self.words(question, isConfirmed: confirmation.confirms(question)))
    }
    guard !questions.allSatisfy(confirmation.confirms) else { return nil }
    var codes: [String] = []
    for question in questions where !codes.contains(question.code) { codes.append(question.code) }
    let flag = "--yes \(codes.joined(separator: ","))"
    guard !isTrial else {
      return AuthorityError(
        .questionsOpen,
        "without \(flag) the command would stop here: this is unusual. Correct it, or name the codes "
          + "if it is meant")
    }
    if format == .json {
      Output.data(["issued": false, "questions": .array(questions.map(\.json))])
    }
    throw AuthorityError(
      .questionsOpen,
      "nothing was \(done): this is unusual. Correct it, or run the command again with \(flag) if "
        + "it is meant")
  }

  private static func words(_ question: IssuingQuestion, isConfirmed: Bool) -> String {
    let language = Language.spoken
    let word =
      switch language {
      case .english: isConfirmed ? "confirmed \(question.code): " : "question \(question.code): "
      case .chinese: isConfirmed ? "已确认 \(question.code)：" : "问题 \(question.code)："
      }
    return word + language.explained(question.chinese ?? question.code, question.message)
  }
}

/// How something is issued: for real or as a trial, and what is to be said of it.
struct TrialOptions: ParsableArguments {
  @Flag(help: "Check and rehearse everything, show what would be issued, and store nothing.")
  var dryRun = false

  @OptionGroup var confirmation: YesOption

  /// Tells the questions; unless all are confirmed, or this is a trial, nothing is issued.
  /// - Returns: what a trial is to end with.
  /// - Throws: ``AuthorityError`` `QUESTIONS_OPEN`.
  func ask(
    _ questions: [IssuingQuestion], _ format: Format
  ) throws(AuthorityError) -> AuthorityError? {
    try confirmation.ask(questions, format, isTrial: dryRun)
  }

  func open(
    _ signing: SigningOptions
  ) throws -> (authority: Authority, passphrase: Secret?, tried: Secret?) {
    try Self.open(signing, dryRun: dryRun)
  }

  /// Opens the registry: for a trial only to read it. A trial needs no passphrase, and tries the one that
  /// is named.
  static func open(
    _ signing: SigningOptions, dryRun: Bool
  ) throws -> (authority: Authority, passphrase: Secret?, tried: Secret?) {
    if dryRun {
      let tried = try signing.passphrase.named()
      let authority = try signing.registry.open(for: .read)
      try authority.requireNothingPending()
      return (authority, nil, tried)
    }
    let opened = try signing.open()
    return (opened.authority, opened.passphrase, nil)
  }
}

/// What every command takes that issues one license.
struct IssuingOptions: ParsableArguments {
  @OptionGroup var trial: TrialOptions
  @OptionGroup var signing: SigningOptions
  @OptionGroup var format: FormatOption
  @OptionGroup var output: OutputOption

  /// Drafts a license, tells what there is to know about it, and issues it unless this is a trial.
  func run(_ draft: (Authority) throws -> LicenseDraft) throws {
    try output.check()
    let (authority, secret, tried) = try trial.open(signing)
    let license = try draft(authority).asking(authority.clockQuestions())
    DraftOutput.tell(license)
    let stop = try trial.ask(license.questions, format.format)
    guard let secret else {
      let rehearsed = try DraftOutput.rehearsed(stop) {
        try authority.rehearse(license, with: signing.key, trying: tried)
      }
      return try DraftOutput.show(license, rehearsed, format.format, stop)
    }
    let issued = try authority.issue(
      license, with: signing.key, passphrase: secret, confirmed: true, why: signing.why.why)
    try IssuedOutput(output: output, format: format.format).show(issued, license, of: authority)
  }

  /// Holds that a reason is given where the log is read for it later.
  func requireWhy() throws(ValidationError) {
    guard !signing.why.why.isEmpty else {
      throw ValidationError("--why is missing: say for the audit log what this is for")
    }
  }
}
