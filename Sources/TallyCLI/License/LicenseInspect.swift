internal import ArgumentParser
internal import Authority
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal

/// Shows what a file says.
struct LicenseInspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show what a file says, without asking whether it is true.",
    discussion: """
      Takes every kind of sealed document. Nothing is verified: for that there is "verify".

      Example: tally license inspect acme.license
      """)

  @Argument(help: "A license file, a release file, or any other sealed document.")
  var file: String

  @OptionGroup var format: FormatOption

  func run() throws {
    let bytes = try Files.read(file, maximum: DocumentKind.statement.maximumFile)
    let documents: [InspectedDocument]
    do throws(Refusal) { documents = try InspectedDocument.read(bytes) } catch {
      throw CommandError(.refused, "\(file): \(error)", refusal: error)
    }
    switch format.format {
    case .json:
      Output.data(["verified": false, "documents": .array(documents.map(\.json))])
    case .text:
      for document in documents { Output.data(Self.text(document)) }
      Output.talk(
        "not verified: anyone can write such a file; \"tally license verify\" asks",
        "未经验证：任何人都能写出这样的文件；\"tally license verify\" 可以验证")
    }
  }

  private static func text(_ document: InspectedDocument) -> String {
    let signers = document.signatures.map { "\($0.algorithm.rawValue) key \($0.kid)" }
    let chinese = document.signatures.map { "\($0.algorithm.rawValue) 密钥 \($0.kid)" }
    let content =
      document.license.map(IssuedOutput.text) ?? Printable.text(document.payload.indentedText)
    let heading = BilingualText(
      "\(document.kind.label), not verified, says it is sealed by \(signers.joined(separator: ", "))",
      "\(document.kind.label)，未经验证，自称由 \(chinese.joined(separator: "、")) 签署")
    return "\(heading.spoken)\n\(content)\n"
  }
}
