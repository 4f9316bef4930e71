internal import HTTPTypes
internal import Hummingbird
package import HummingbirdCore
package import Logging
package import NIOCore

/// HTTP/1.1 whose requests are answered on the event loop that reads them.
///
/// A request that is answered from memory then needs no change of threads, which costs as much as the
/// answer. What a route waits for, a database or another service, must not hold the thread.
package struct LoopChannel: ServerChildChannel {
  private let channel: HTTP1Channel

  package init(_ channel: HTTP1Channel) {
    self.channel = channel
  }

  package func setup(
    channel: any Channel, logger: Logger
  ) -> EventLoopFuture<HTTP1Channel.Value> {
    self.channel.setup(channel: channel, logger: logger)
  }

  package func handle(value: HTTP1Channel.Value, logger: Logger) async {
    await withTaskExecutorPreference(LoopExecutor(value.channel.eventLoop)) {
      await channel.handle(value: value, logger: logger)
    }
  }
}

extension HTTPServerBuilder {
  /// A server whose requests are answered on the event loops that read them.
  package static func onLoops(_ configuration: HTTP1Channel.Configuration) -> HTTPServerBuilder {
    HTTPServerBuilder { responder in
      LoopChannel(HTTP1Channel(responder: responder, configuration: configuration))
    }
  }
}

/// Runs the tasks that prefer it on one event loop.
private final class LoopExecutor: TaskExecutor {
  private let loop: any EventLoop

  init(_ loop: any EventLoop) {
    self.loop = loop
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    loop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
