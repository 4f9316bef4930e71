internal import ArgumentParser
internal import Authority
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal

/// Takes back what a registry has lost.
struct RegistryRestore: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Take newer keysets, revocations, licenses and releases back from files.",
    discussion: """
      After a copy of the registry was put back, do this first: what was issued after the copy was \
      made is in nobody's registry any more. Every file that was published holds some of it: \
      "publish --to FILE", keyset, license, release and revocations files. All of it is verified \
      under the registry's own keysets; what the registry has already stays as it is. Exit status \
      1: a file is refused, and nothing has changed.

      Example: tally registry restore --from all.publication --from acme.license --registry \
      /srv/registry --why "the disk died on Monday"
      """)

  @Option(help: ArgumentHelp("A file that was published; repeatable.", valueName: "file"))
  var from: [String] = []

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var why: WhyOption
  @OptionGroup var format: FormatOption

  func validate() throws {
    guard !from.isEmpty else {
      throw ValidationError("no file: name those that were published with --from")
    }
  }

  func run() throws {
    let blocks = try from.flatMap(Self.read)
    let restored = try registry.open(for: .change).restore(blocks, why: why.why)
    switch format.format {
    case .json: Output.data(restored.json)
    case .text: Output.data(Self.text(restored).map(Printable.text).joined(separator: "\n"))
    }
    for what in restored.leftAside {
      Output.talk("tally: left aside: \(what.english)", "tally: 未采用：\(what.chinese)")
    }
    guard !restored.isEmpty else { return }
    Output.talk(
      "tally: what was issued since the copy was made and is in none of these files is still "
        + "unknown here: \"tally publish\" says whether a gateway knows more",
      "tally: 备份之后签发而不在这些文件中的内容，本登记库仍不知道：\"tally publish\" 会说明网关是否知道得更多")
  }

  private static func read(_ path: String) throws -> [ArmourBlock] {
    let bytes = try Files.read(path, maximum: 64 * 1024 * 1024)
    do throws(Refusal) { return try Armour.read(bytes) } catch {
      throw AuthorityError(error, path)
    }
  }

  private static func text(_ restored: RestoredDocuments) -> [String] {
    let language = Language.spoken
    guard !restored.isEmpty else { return [language.say("nothing is new here", "没有新内容")] }
    return restored.keysets.map { language.say("keyset \($0)", "密钥集 \($0)") }
      + (restored.revocations.map { [language.say("revocations \($0)", "吊销清单 \($0)")] } ?? [])
      + restored.licenses.map { language.say("license \($0)", "许可证 \($0)") }
      + restored.releases.map { language.say("release \($0)", "版本 \($0)") }
  }
}
