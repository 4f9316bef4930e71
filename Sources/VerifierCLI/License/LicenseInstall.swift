internal import ArgumentParser
internal import Platform
internal import Sealing
internal import Terminal
internal import Verifier

/// Installs a license file or an activation file.
struct LicenseInstall: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install", abstract: "Install the documents of a license file.",
    discussion: """
      Every block of the file must verify, or nothing of it is installed. Earlier licenses stay; in \
      force is the highest revision whose term has begun. Installing the same file again changes \
      nothing. While serve runs it is asked to do it and applies the license at once.

      Example: tally-verifier license install acme.license --state /var/lib/tally-verifier
      """)

  @Argument(help: ArgumentHelp("The license file.", valueName: "file"))
  var file: String

  @OptionGroup var options: StateOptions

  @Option(help: "How to write what was installed.")
  var format: OutputFormat = .text

  func run() async throws {
    let bytes = try Files.read(file)
    let surroundings = try options.surroundings(try options.read())
    let source = file
    let json = try await VerifierApplication.withDesk(
      surroundings, mayBegin: true, logger: StateOptions.quietLogger,
      direct: { desk throws(VerifierError) in
        let words = try await desk.install(bytes, source: source)
        return ["installed": .array(words.map { JSONValue.string($0) })] as JSONValue
      },
      served: { client throws(VerifierError) in
        try await client.install(bytes, source: source)
      })
    guard format == .text else { return Output.data(json) }
    guard case .array(let installed)? = json["installed"], !installed.isEmpty else {
      Output.talk(
        "nothing new: everything in \(file) is installed already",
        "没有新内容：\(file) 中的全部内容都已安装")
      return
    }
    for item in installed { Output.talk(InstalledText.text(item)) }
  }
}
