internal import ArgumentParser
internal import Authority
internal import Licensing
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
      "\(path) is another draft than the one meant: its digest is \(examined.digest), not \(digest)",
      chinese: "这不是所指的那份草案，摘要不同；请重新取得草案，并另行核对摘要")
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
    let digest = BilingualText("digest: \(draft.digest)", "摘要：\(draft.digest)")
    return
      ([draft.headline.spoken] + draft.changes.map { "  \($0.words.spoken)" }
      + [digest.spoken])
      .map(Printable.line)
  }

  /// How far a draft is signed.
  static func signatures(_ draft: ExaminedDraft) -> [String] {
    draft.tallies.map { tally in
      Printable.line(
        Language.spoken.say("signed: \(tally.words.english)", "签名：\(tally.words.chinese)"))
    }
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

  /// The flags of what a keeper knows that are not given.
  var notCompared: [String] {
    (digest == nil ? ["digest"] : []) + (after == nil ? ["after"] : [])
  }

  /// Says before a signature what this machine does not know of the draft, and how to tell it.
  func warn(_ draft: ExaminedDraft) {
    if digest == nil {
      Output.talk(
        "tally: not compared: the digest. That this is the draft which was composed only its digest "
          + "shows: read \(draft.digest) to whoever composed it, and sign with --digest",
        "tally: 未核对摘要。只有摘要能证明这就是编制的那份草案：请与编制者核对 \(draft.digest)，"
          + "并用 --digest 签名")
    }
    if after == nil {
      let known = draft.previous?.epoch ?? 0
      Output.talk(
        "tally: not compared: the keyset before. This draft leads on from keyset \(known); if a later "
          + "one was published, an old registry or a thief composed it: name the last one with --after",
        "tally: 未核对前一个密钥集。这份草案接在密钥集 \(known) 之后；如果此后还发布过别的，"
          + "它就出自旧的登记库或窃贼之手：请用 --after 指明最后发布的一个")
    }
  }

  func validate() throws {
    guard after.map({ $0 >= 0 && SealedLimits.counts.contains(max(1, $0)) }) ?? true else {
      throw ValidationError("--after must be the number of a keyset, 0 before the first")
    }
  }
}

extension Digest: ExpressibleByArgument {
  package init?(argument: String) { self.init(base64URL: ShieldedName.bare(argument)) }
}
