#include "services/notifications/notifications_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rpc/channels.h"
#include "common/rpc/pages.h"
#include "common/rules/notices/chat_rules.h"
#include "common/rules/notices/notice_records.h"
#include "common/rules/notices/notice_rules.h"
#include "common/rules/scope.h"
#include "services/host/fetch_order.h"
#include "services/notifications/email_task.h"

namespace makegood::notifications {
namespace {

constexpr int kDefaultPage = 50;

// The place a token of a thread names; 0, before the first message, for none.
absl::StatusOr<int64_t> PlaceOf(absl::string_view resume_token) {
  constexpr int64_t kLast = int64_t{1} << 50;
  int64_t place = 0;
  if (resume_token.empty()) return place;
  if (!absl::SimpleAtoi(resume_token, &place) || place < 0 || place > kLast) {
    return InvalidFields({{"resume_token", "is no token of a thread"}});
  }
  return place;
}

// What stands in a thread after a place, for those who may read it (ROL-11).
absl::StatusOr<flow::Piece<v1::ChatMessage>> ReadThread(const std::string& order_id,
                                                        const base::v1::Actor& actor, uint32_t parts,
                                                        store::Reader& reader, int64_t after, int limit,
                                                        size_t max_bytes) {
  ASSIGN_OR_RETURN(const v1::ThreadHead head,
                   rpc::GetRecord<v1::ThreadHead>(reader, PartOf(order_id, parts), order_id));
  RETURN_IF_ERROR(rules::CheckScope(actor, head.merchant_id(), head.customer_id(), "ROL-11"));
  store::ListQuery query;
  query.kind = std::string(rules::RecordTraits<v1::ChatMessage>::kKind);
  query.order_id = order_id;
  query.from = rules::PlaceOfIndex(after + 1);
  query.order = store::ListOrder::kOldestFirst;
  query.limit = limit;
  query.max_bytes = max_bytes;
  ASSIGN_OR_RETURN(const store::RecordPage found, reader.List(query));

  flow::Piece<v1::ChatMessage> piece;
  piece.last = after;
  piece.more = found.more;
  for (const rules::StoredRecord& record : found.records) {
    ASSIGN_OR_RETURN(v1::ChatMessage message, rules::Read<v1::ChatMessage>(record));
    piece.last = message.index();
    if (rules::MaySee(actor, message)) piece.messages.push_back(std::move(message));
  }
  return piece;
}

}  // namespace

NotificationsService::NotificationsService(const rpc::Environment& environment,
                                           orders::v1::OrdersService::StubInterface& orders)
    : environment_(environment),
      orders_(orders),
      threads_(environment, std::string(rules::RecordTraits<v1::ThreadHead>::kKind),
               [parts = environment.store.parts()](const v1::StreamMessagesRequest& request,
                                                   const base::v1::Actor& actor, store::Reader& reader,
                                                   int64_t after) {
                 return ReadThread(request.order_id(), actor, parts, reader, after, kDefaultPage,
                                   flow::kPieceBytes);
               }) {}

grpc::ServerUnaryReactor* NotificationsService::PostMessage(grpc::CallbackServerContext* context,
                                                            const v1::PostMessageRequest* request,
                                                            v1::ChatMessage* reply) {
  return rpc::CommandAfter<orders::v1::Order>(
      environment_, context, request, reply, request->order_id(),
      services::FetchOrder(orders_, "notifications", request->order_id()), rules::PostMessage);
}

grpc::ServerUnaryReactor* NotificationsService::ListMessages(grpc::CallbackServerContext* context,
                                                             const v1::ListMessagesRequest* request,
                                                             v1::ListMessagesResponse* reply) {
  return rpc::Read(environment_, context, request, reply,
                   [parts = environment_.store.parts()](
                       const v1::ListMessagesRequest& request, const base::v1::Actor& actor,
                       store::Reader& reader) -> absl::StatusOr<v1::ListMessagesResponse> {
                     ASSIGN_OR_RETURN(const int64_t after, PlaceOf(request.resume_token()));
                     const int limit = request.page_size() > 0 ? request.page_size() : kDefaultPage;
                     ASSIGN_OR_RETURN(
                         flow::Piece<v1::ChatMessage> piece,
                         ReadThread(request.order_id(), actor, parts, reader, after, limit, rpc::kPageBytes));
                     v1::ListMessagesResponse page;
                     for (v1::ChatMessage& message : piece.messages)
                       *page.add_messages() = std::move(message);
                     page.set_resume_token(absl::StrCat(piece.last));
                     page.set_more(piece.more);
                     return page;
                   });
}

grpc::ServerWriteReactor<v1::ChatMessage>* NotificationsService::StreamMessages(
    grpc::CallbackServerContext* context, const v1::StreamMessagesRequest* request) {
  return threads_.Open(*context, *request, request->order_id(), PlaceOf(request->resume_token()));
}

grpc::ServerUnaryReactor* NotificationsService::GetNotice(grpc::CallbackServerContext* context,
                                                          const v1::GetNoticeRequest* request,
                                                          v1::Notice* reply) {
  return rpc::ReadByKey(
      environment_, context, request, reply,
      [this](const v1::GetNoticeRequest& request, const base::v1::Actor& actor,
             store::Reader& reader) -> absl::StatusOr<v1::Notice> {
        ASSIGN_OR_RETURN(
            v1::Notice notice,
            rpc::GetRecord<v1::Notice>(reader, PartOf(request.notice_id(), environment_.store.parts()),
                                       request.notice_id()));
        RETURN_IF_ERROR(rules::CheckScope(actor, notice.merchant_id(), notice.customer_id(), "ROL-11"));
        rules::FillActions(notice, actor, environment_.clock.Now(), environment_.policies);
        return notice;
      });
}

grpc::ServerUnaryReactor* NotificationsService::ListNotices(grpc::CallbackServerContext* context,
                                                            const v1::ListNoticesRequest* request,
                                                            v1::ListNoticesResponse* reply) {
  return rpc::Read(environment_, context, request, reply,
                   [this](const v1::ListNoticesRequest& request, const base::v1::Actor& actor,
                          store::Reader& reader) -> absl::StatusOr<v1::ListNoticesResponse> {
                     store::ListQuery query;
                     RETURN_IF_ERROR(rpc::SetFilters(request, environment_.clock.Now(), query));
                     RETURN_IF_ERROR(rpc::LimitToOwn(actor, query));
                     v1::ListNoticesResponse page;
                     ASSIGN_OR_RETURN(*page.mutable_next_page_token(),
                                      rpc::ListPage<v1::Notice>(
                                          reader, std::move(query), request, *page.mutable_notices(),
                                          [this, &actor](v1::Notice& notice) {
                                            rules::FillActions(notice, actor, environment_.clock.Now(),
                                                               environment_.policies);
                                            return absl::OkStatus();
                                          }));
                     return page;
                   });
}

grpc::ServerUnaryReactor* NotificationsService::RetryNotice(grpc::CallbackServerContext* context,
                                                            const v1::RetryNoticeRequest* request,
                                                            v1::Notice* reply) {
  return rpc::Command(environment_, context, request, reply, request->notice_id(), rules::RetryNotice);
}

grpc::ServerUnaryReactor* NotificationsService::EraseThread(grpc::CallbackServerContext* context,
                                                            const v1::EraseThreadRequest* request,
                                                            v1::EraseThreadResponse* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::EraseThread);
}

}  // namespace makegood::notifications
