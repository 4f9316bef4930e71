internal import ArgumentParser
internal import Authority
internal import Sealing
internal import Terminal

/// Shows a draft without signing it.
struct KeysetShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what a draft changes, and who has signed it.",
    discussion: """
      Needs no registry and no key: the draft is verified from the root that this program trusts. \
      Note the digest: "tally keyset sign --digest" signs that draft and no other. Exit status 1: the \
      draft is not what it should be.

      Example: tally keyset show --draft next.draft --after 2 --trust-root root.jwks
      """)

  @Option(help: ArgumentHelp("The draft's file.", valueName: "file"))
  var draft: String

  @OptionGroup var option: DraftOption
  @OptionGroup var format: FormatOption

  func run() throws {
    DraftFile.show(try DraftFile.examine(draft, as: option), format.format)
  }
}
