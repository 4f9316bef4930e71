import Foundation
import Testing

extension ProgramTests {
  @Suite(.serialized) struct HelpTests {
    @Test func `every subcommand has help, and help has an example that is right`() async throws {
      var walked = 0
      for program in Programs.names {
        let dump = try await HelpDump.of(program)
        for (path, command) in dump.commands {
          walked += 1
          let name = path.joined(separator: " ")
          let help = try await Command.run(
            program, Array(path.dropFirst()) + ["--help"], in: Programs.package)
          #expect(help.status == 0 && help.errors.isEmpty, "\(name): \(help.said)")
          #expect(help.output.contains("USAGE:"), "\(name): \(help.said)")
          #expect(command.abstract?.isEmpty == false, "\(name) has no abstract")
          let examples = CommandLines.of(command.discussion ?? "", in: Programs.names)
          #expect(
            examples.contains { $0.starts(with: path) }, "\(name) has no example of itself")
          for example in examples {
            let other = try await HelpDump.of(example[0])
            let complaint = other.complaint(about: example)
            #expect(complaint == nil, "\(name): \(example): \(complaint ?? "")")
          }
        }
      }
      #expect(walked > 25)
    }
  }
}
