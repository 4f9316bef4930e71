package import Hummingbird
internal import Logging
internal import NIOCore

/// What a route knows of a request besides the request: who is at the other end.
package struct PeerContext: RequestContext {
  package var coreContext: CoreRequestContextStorage
  private let channel: any Channel

  package init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }

  /// Put into text for whoever asks: most routes do not.
  package var peer: Peer { Peer(channel.remoteAddress) }
}
