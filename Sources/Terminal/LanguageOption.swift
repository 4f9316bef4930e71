package import ArgumentParser
package import Licensing

/// The flag `--lang` of commands that explain something.
package struct LanguageOption: ParsableArguments {
  @Option(help: ArgumentHelp(.init(Language.optionHelp), valueName: "language"))
  package var lang: String?

  package init() {}

  /// The language to write in.
  /// - Throws: ``CommandError`` with status `usage` for a language that there is not.
  package func language() throws(CommandError) -> Language {
    try Language(flag: lang, environment: ProcessEnvironment.all())
  }
}
