internal import ArgumentParser
internal import Authority
internal import Platform
internal import Sealing
internal import Terminal

/// Drafts of a keyset, read from files and shown in words.
enum DraftFile {
  /// - Throws: ``CommandError`` with status 1 for a file that is no draft.
  static func read(_ path: String) throws -> DraftKeyset {
    let bytes = try Files.read(path)
    do throws(Refusal) { return try DraftKeyset(file: bytes) } catch {
      throw CommandError(.refused, "\(path) is refused: \(error)", refusal: error)
    }
  }

  /// Verifies a draft from the roots that this machine trusts.
  /// - Throws: ``CommandError`` with status 1.
  static func examine(_ path: String, as option: DraftOption) throws -> ExaminedDraft {
    let draft = try read(path)
    let roots = try option.root.read()
    let now = try SystemClock().now()
    let examined: ExaminedDraft
    do throws(Refusal) {
      examined = try ExaminedDraft(draft, under: roots, at: now, after: option.after)
    } catch {
      throw CommandError(.refused, "\(path) is refused: \(error)", refusal: error)
    }
    guard let digest = option.digest, digest != examined.digest else { return examined }
    throw CommandError(
      .refused,
      "\(path) is another draft than the one meant: its digest is \(examined.digest), not \(digest)"
    )
  }

  /// What a draft changes, and how far it is signed.
  static func show(_ draft: ExaminedDraft, _ format: Format, more: [JSONMember] = []) {
    switch format {
    case .json:
      guard case .object(let members) = draft.json else { return }
      Output.data(.object(members + more))
    case .text: Output.data((words(draft) + signatures(draft)).joined(separator: "\n"))
    }
  }

  /// What a draft changes.
  static func words(_ draft: ExaminedDraft) -> [String] {
    ([draft.headline] + draft.changes.map { "  \($0)" } + ["digest: \(draft.digest)"])
      .map(Printable.line)
  }

  /// How far a draft is signed.
  static func signatures(_ draft: ExaminedDraft) -> [String] {
    draft.tallies.map { Printable.line("signed: \($0.inWords)") }
  }
}

/// What a root's keeper holds a draft against.
struct DraftOption: ParsableArguments {
  @OptionGroup var root: TrustRootOption

  @Option(
    help: ArgumentHelp(
      "The keyset that was signed and published last, as its keeper noted it: a draft that leads on "
        + "from an earlier one is refused.", valueName: "epoch"))
  var after: Int64?

  @Option(
    help: ArgumentHelp(
      "The digest that was printed where the draft was composed or shown: any other draft is refused.",
      valueName: "sha-256"))
  var digest: Digest?

  func validate() throws {
    guard after.map({ $0 >= 0 && SealedLimits.counts.contains(max(1, $0)) }) ?? true else {
      throw ValidationError("--after must be the number of a keyset, 0 before the first")
    }
  }
}

extension Digest: ExpressibleByArgument {
  package init?(argument: String) { self.init(base64URL: ShieldedName.bare(argument)) }
}
