#include "tools/bench/h2_load.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status.h"

namespace makegood::bench {
namespace {

constexpr size_t kPrefix = 5;  // before a gRPC message: not compressed, and four bytes of length
constexpr absl::Duration kLastAnswerPatience = absl::Seconds(30);
constexpr int kWindow = 16 << 20;

// What all connections of a run share.
struct Load {
  Plan& plan;
  absl::Time end;
  int64_t next;
  int64_t last;  // the first index that is not to be used
  Tally tally;

  bool Over() const { return next >= last || absl::Now() >= end; }
};

std::string Framed(const std::string& message) {
  const uint32_t size = htonl(static_cast<uint32_t>(message.size()));
  std::string framed(1, '\0');
  framed.append(reinterpret_cast<const char*>(&size), sizeof(size));
  return framed + message;
}

struct Call {
  int64_t index = 0;
  absl::Time start;
  std::string body;
  size_t sent = 0;
  std::string reply;
  std::string status;   // grpc-status
  std::string message;  // grpc-message
};

nghttp2_nv Field(absl::string_view name, absl::string_view value) {
  return {reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
          reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NONE};
}

class Connection {
 public:
  Connection(Load& run, int port) : run_(run), authority_(absl::StrCat("127.0.0.1:", port)), port_(port) {}
  ~Connection() {
    nghttp2_session_del(session_);
    if (socket_ >= 0) close(socket_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  absl::Status Open();
  // One more call, unless the run is over.
  void Begin();
  absl::Status Read();
  absl::Status Write();

  int descriptor() const { return socket_; }
  bool Busy() const { return calls_ > 0; }
  bool WantsWrite() const { return !pending_.empty() || nghttp2_session_want_write(session_) != 0; }

 private:
  static ssize_t ReadBody(nghttp2_session*, int32_t, uint8_t* buffer, size_t length, uint32_t* flags,
                          nghttp2_data_source* source, void*);
  static int OnHeader(nghttp2_session* session, const nghttp2_frame* frame, const uint8_t* name,
                      size_t name_size, const uint8_t* value, size_t value_size, uint8_t, void*);
  static int OnData(nghttp2_session* session, uint8_t, int32_t stream, const uint8_t* data, size_t size,
                    void*);
  static int OnClose(nghttp2_session* session, int32_t stream, uint32_t error, void* self);
  absl::Status StatusOf(const Call& call, uint32_t error) const;

  Load& run_;
  const std::string authority_;
  const int port_;
  int socket_ = -1;
  nghttp2_session* session_ = nullptr;
  int calls_ = 0;
  std::string pending_;  // not taken by the socket yet
};

absl::Status Connection::Open() {
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port_));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return absl::UnavailableError(absl::StrCat("no server answers at ", authority_));
  }
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL, 0) | O_NONBLOCK);

  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnClose);
  nghttp2_session_client_new(&session_, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  const nghttp2_settings_entry window{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindow};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &window, 1);
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kWindow);
  return absl::OkStatus();
}

void Connection::Begin() {
  if (run_.Over()) return;
  auto call = std::make_unique<Call>();
  call->index = run_.next++;
  const Request request = run_.plan.Make(call->index);
  call->body = Framed(request.body);
  std::vector<nghttp2_nv> fields = {Field(":method", "POST"),       Field(":scheme", "http"),
                                    Field(":path", request.path),   Field(":authority", authority_),
                                    Field("te", "trailers"),        Field("content-type", "application/grpc"),
                                    Field("user-agent", "makegood")};
  for (const auto& [key, value] : request.metadata) fields.push_back(Field(key, value));
  nghttp2_data_provider body{};
  body.source.ptr = call.get();
  body.read_callback = ReadBody;
  call->start = absl::Now();
  // The stream owns the call until it is closed.
  if (nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(), &body, call.get()) < 0) {
    return run_.tally.Add(absl::ZeroDuration(), 0, absl::UnavailableError("a request cannot be sent"));
  }
  ++calls_;
  call.release();  // NOLINT(bugprone-unused-return-value)
}

ssize_t Connection::ReadBody(nghttp2_session*, int32_t, uint8_t* buffer, size_t length, uint32_t* flags,
                             nghttp2_data_source* source, void*) {
  auto* const call = static_cast<Call*>(source->ptr);
  const size_t size = std::min(length, call->body.size() - call->sent);
  std::memcpy(buffer, call->body.data() + call->sent, size);
  call->sent += size;
  if (call->sent == call->body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(size);
}

int Connection::OnHeader(nghttp2_session* session, const nghttp2_frame* frame, const uint8_t* name,
                         size_t name_size, const uint8_t* value, size_t value_size, uint8_t, void*) {
  auto* const call = static_cast<Call*>(nghttp2_session_get_stream_user_data(session, frame->hd.stream_id));
  if (call == nullptr) return 0;
  const absl::string_view key(reinterpret_cast<const char*>(name), name_size);
  const absl::string_view text(reinterpret_cast<const char*>(value), value_size);
  if (key == "grpc-status") call->status = std::string(text);
  if (key == "grpc-message") call->message = std::string(text);
  return 0;
}

int Connection::OnData(nghttp2_session* session, uint8_t, int32_t stream, const uint8_t* data, size_t size,
                       void*) {
  auto* const call = static_cast<Call*>(nghttp2_session_get_stream_user_data(session, stream));
  if (call != nullptr) call->reply.append(reinterpret_cast<const char*>(data), size);
  return 0;
}

int Connection::OnClose(nghttp2_session* session, int32_t stream, uint32_t error, void* self) {
  const std::unique_ptr<Call> call(static_cast<Call*>(nghttp2_session_get_stream_user_data(session, stream)));
  auto& connection = *static_cast<Connection*>(self);
  if (call == nullptr) return 0;
  connection.run_.tally.Add(absl::Now() - call->start,
                            call->reply.size() - std::min(call->reply.size(), kPrefix),
                            connection.StatusOf(*call, error));
  --connection.calls_;
  connection.Begin();
  return 0;
}

absl::Status Connection::StatusOf(const Call& call, uint32_t error) const {
  if (error != NGHTTP2_NO_ERROR) return absl::UnavailableError("a stream was reset");
  if (call.status != "0") {
    return absl::UnknownError(absl::StrCat("grpc-status ", call.status, ": ", call.message));
  }
  if (call.reply.size() < kPrefix) return absl::DataLossError("an answer without a message");
  return run_.plan.Check(call.index, absl::string_view(call.reply).substr(kPrefix));
}

absl::Status Connection::Read() {
  uint8_t buffer[64 << 10];
  while (true) {
    const ssize_t size = recv(socket_, buffer, sizeof(buffer), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return absl::OkStatus();
    if (size <= 0) return absl::UnavailableError("the server closed a connection");
    if (nghttp2_session_mem_recv(session_, buffer, static_cast<size_t>(size)) < 0) {
      return absl::UnavailableError("the server does not speak HTTP/2");
    }
    if (size < static_cast<ssize_t>(sizeof(buffer))) return absl::OkStatus();
  }
}

// All that there is, in one write.
absl::Status Connection::Write() {
  while (true) {
    const uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &data);
    if (size < 0) return absl::UnavailableError("a request cannot be written");
    if (size == 0) break;
    pending_.append(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
  }
  if (pending_.empty()) return absl::OkStatus();
  const ssize_t size = send(socket_, pending_.data(), pending_.size(), MSG_NOSIGNAL);
  if (size < 0) {
    return errno == EAGAIN || errno == EINTR ? absl::OkStatus()
                                             : absl::UnavailableError("the server closed a connection");
  }
  pending_.erase(0, static_cast<size_t>(size));
  return absl::OkStatus();
}

// Until no call is under way.
absl::Status Serve(std::vector<std::unique_ptr<Connection>>& connections, absl::Time latest) {
  std::vector<pollfd> polled(connections.size());
  while (std::any_of(connections.begin(), connections.end(), [](const auto& c) { return c->Busy(); })) {
    if (absl::Now() > latest) return absl::DeadlineExceededError("calls are not answered");
    for (size_t i = 0; i < connections.size(); ++i) {
      RETURN_IF_ERROR(connections[i]->Write());
      const int16_t write = connections[i]->WantsWrite() ? POLLOUT : 0;
      polled[i] = {connections[i]->descriptor(), static_cast<int16_t>(POLLIN | write), 0};
    }
    if (poll(polled.data(), polled.size(), 1'000) < 0 && errno != EINTR) {
      return absl::UnavailableError("poll failed");
    }
    for (size_t i = 0; i < connections.size(); ++i) {
      if (polled[i].revents != 0) RETURN_IF_ERROR(connections[i]->Read());
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> RunH2Load(Plan& plan, int port, int connections, int streams,
                                      const Limits& limits) {
  const absl::Time start = absl::Now();
  Load run{plan,
           start + limits.time,
           plan.first(),
           limits.calls == 0 ? std::numeric_limits<int64_t>::max() : plan.first() + limits.calls,
           {}};
  std::vector<std::unique_ptr<Connection>> all;
  for (int i = 0; i < connections; ++i) {
    all.push_back(std::make_unique<Connection>(run, port));
    RETURN_IF_ERROR(all.back()->Open());
  }
  for (int stream = 0; stream < streams; ++stream) {
    for (const auto& connection : all) connection->Begin();
  }
  RETURN_IF_ERROR(Serve(all, run.end + kLastAnswerPatience));
  return Report(std::move(run.tally), absl::Now() - start, run.next);
}

}  // namespace makegood::bench
