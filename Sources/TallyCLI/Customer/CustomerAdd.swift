internal import ArgumentParser
internal import Authority
internal import Licensing
internal import Terminal

/// Adds a customer.
struct CustomerAdd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add a customer; prints the customer's id.",
    discussion: """
      Where a customer has the name already, but for capitals and spaces, the command asks and stops; \
      --yes with the code confirms.

      Example: tally customer add "ACME Ltd" --registry /srv/registry
      """)

  @Argument(help: "The name, as it will stand in licenses.")
  var name: String

  @OptionGroup var confirmation: YesOption
  @OptionGroup var registry: RegistryOptions
  @OptionGroup var why: WhyOption
  @OptionGroup var format: FormatOption

  func run() throws {
    let authority = try registry.open(for: .change)
    try confirmation.ask(authority.questions(addingCustomer: name), format.format)
    let customer = try authority.addCustomer(name, confirmed: true, why: why.why)
    switch format.format {
    case .json: Output.data(customer.json)
    case .text: Output.data(customer.id.text)
    }
  }
}
