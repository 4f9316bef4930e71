internal import ArgumentParser
internal import Authority
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal

/// Shows in what two licenses differ.
struct LicenseDiff: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Show every member in which two licenses differ.",
    discussion: """
      Each is a license of the registry (lic_...), a revision of a line (lin_...@3), the newest \
      revision of a line (lin_...), or a file; files are read without asking whether they are true. \
      What a renewal or an amendment would change shows its --dry-run.

      Example: tally license diff lin_...@1 lin_...@2 --registry /srv/registry
      """)

  @Argument(help: ArgumentHelp("The older one.", valueName: "old"))
  var old: String

  @Argument(help: ArgumentHelp("The newer one.", valueName: "new"))
  var new: String

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var format: FormatOption

  func run() throws {
    var reader = LicenseReader(options: registry)
    let (before, after) = (try reader.license(old), try reader.license(new))
    let differences = after.differences(from: before)
    switch format.format {
    case .json:
      Output.data([
        "old": Self.json(before), "new": Self.json(after),
        "differences": .array(differences.map(\.json)),
      ])
    case .text where differences.isEmpty: Output.data("no difference", "没有差别")
    case .text:
      for difference in differences {
        Output.data(Printable.line(Language.spoken.say(difference.text, difference.chinese)))
      }
    }
    if before.line != after.line {
      Output.talk("tally: note that these are of two lines", "tally: 请注意，这两份属于不同的系列")
    }
  }

  private static func json(_ license: License) -> JSONValue {
    [
      "jti": license.jti.json, "line": license.line.json, "revision": .integer(license.revision),
    ]
  }
}

/// Finds licenses by what is typed for them.
struct LicenseReader {
  let options: RegistryOptions
  private var authority: Authority?

  init(options: RegistryOptions) { self.options = options }

  mutating func license(_ text: String) throws -> License {
    if let id = LicenseID(text) { return try open().registry.license(id).license }
    if let line = LineID(text) { return try open().registry.newest(of: line).license }
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    if parts.count == 2, let line = LineID(String(parts[0])) {
      return try revision(String(parts[1]), of: line)
    }
    return try Self.file(text)
  }

  private mutating func revision(_ text: String, of line: LineID) throws -> License {
    let revisions = try open().registry.revisions(of: line)
    guard let number = Int64(text),
      let found = revisions.first(where: { $0.license.revision == number })
    else {
      let known = revisions.map { String($0.license.revision) }.joined(separator: ", ")
      throw CommandError(.fault, "\(line) has no revision \(text.prefix(20)), it has \(known)")
    }
    return found.license
  }

  private mutating func open() throws -> Authority {
    if let authority { return authority }
    let opened = try options.open(for: .read)
    authority = opened
    return opened
  }

  private static func file(_ path: String) throws -> License {
    let bytes = try Files.read(path)
    let documents: [InspectedDocument]
    do throws(Refusal) { documents = try InspectedDocument.read(bytes) } catch {
      throw CommandError(.refused, "\(path): \(error)", refusal: error)
    }
    let licenses = documents.filter { $0.kind == .license }
    guard let only = licenses.first, licenses.count == 1 else {
      throw CommandError(
        .refused, "\(path) holds \(licenses.count) licenses: name a file with one")
    }
    guard let license = only.license else {
      throw CommandError(.refused, "the license in \(path) cannot be read: it is malformed")
    }
    Output.talk(
      "tally: \(path) is not verified: anyone can write such a file",
      "tally: \(path) 未经验证：任何人都能写出这样的文件")
    return license
  }
}
