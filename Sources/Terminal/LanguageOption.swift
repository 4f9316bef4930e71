package import ArgumentParser
internal import Licensing

/// The flag `--lang`. What it says is taken from the command line itself, as ``Language/spoken``: an
/// error may have to be told before a command is parsed.
package struct LanguageOption: ParsableArguments {
  @Option(help: ArgumentHelp(.init(Language.optionHelp), valueName: "language"))
  package var lang: String?

  package init() {}

  /// - Throws: `ValidationError` for a language that there is not.
  package func validate() throws {
    do throws(CommandError) { _ = try Language(flag: lang, environment: [:]) } catch {
      throw ValidationError(error.message)
    }
  }
}
