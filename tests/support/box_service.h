// The tests' own small service: real handlers, real decisions, real store.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "common/base/ids.h"
#include "common/rpc/channels.h"
#include "common/rpc/pages.h"
#include "common/rpc/rpc.h"
#include "common/rules/reservations.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"
#include "support/box.grpc.pb.h"

namespace makegood::rules {

template <>
struct RecordTraits<makegood::testing::v1::Box> {
  static constexpr absl::string_view kKind = "box";
  static std::string Id(const makegood::testing::v1::Box& box) { return box.box_id(); }
  static RecordColumns Columns(const makegood::testing::v1::Box& box) {
    RecordColumns columns;
    columns.order_id = box.box_id();
    columns.place = ToTime(box.create_time());
    return columns;
  }
};

}  // namespace makegood::rules

namespace makegood::testing {

inline constexpr int64_t kBoxTakes = 100;
inline constexpr int64_t kAccident = 13;

// More goes into the box; one event for each time.
inline absl::StatusOr<v1::Box> FillBox(const v1::FillBoxRequest& request, rules::Transaction& tx) {
  ASSIGN_OR_RETURN(const std::optional<v1::Box> found, tx.Find<v1::Box>(request.box_id()));
  v1::Box box = found.value_or(v1::Box());
  RETURN_IF_ERROR(tx.CheckVersion({"box", request.box_id(), box.version()}));
  if (request.amount() == kAccident) throw std::runtime_error("the secret of the accident");
  if (box.amount() + request.amount() > kBoxTakes) return Refusal("ORD-12", "the box is full");
  box.set_box_id(request.box_id());
  box.set_amount(box.amount() + request.amount());
  tx.Put(box);
  events::v1::Event event;
  event.set_order_id(request.box_id());
  event.mutable_order_delivered()->set_line_count(static_cast<int32_t>(request.amount()));
  tx.Emit(event);
  return box;
}

inline absl::StatusOr<v1::Box> CopyBox(const v1::CopyBoxRequest& request, const v1::Box& from,
                                       rules::Transaction& tx) {
  v1::Box box;
  box.set_box_id(request.box_id());
  box.set_amount(from.amount());
  tx.Put(box);
  return box;
}

inline constexpr int64_t kShelfTakes = 10;

// A box on a shelf, held there by its place.
inline absl::StatusOr<v1::Box> ShelveBox(const v1::ShelveBoxRequest& request, const rules::Reservation& place,
                                         rules::Transaction& tx) {
  RETURN_IF_ERROR(rules::Hold(place, tx));
  v1::FillBoxRequest fill;
  fill.set_box_id(request.box_id());
  fill.set_amount(1);
  ASSIGN_OR_RETURN(v1::Box box, FillBox(fill, tx));
  box.set_place_id(place.reservation_id());
  tx.Put(box);
  return box;
}

// Whether all but the shelf's places would let it, which takes none.
inline absl::StatusOr<v1::Box> ShelveBoxSomewhere(const v1::ShelveBoxRequest& request,
                                                  rules::Transaction& tx) {
  return ShelveBox(request, rules::Reservation(), tx);
}

class BoxServiceImpl final : public v1::BoxService::CallbackService {
 public:
  explicit BoxServiceImpl(const rpc::Environment& environment) : environment_(environment) {}

  // Where CopyBox asks; before the first CopyBox.
  void set_owner(std::unique_ptr<v1::BoxService::StubInterface> owner) { owner_ = std::move(owner); }

  // Where FillBox leaves its request as it came; before a FillBox.
  void set_seen(v1::FillBoxRequest* seen) { seen_ = seen; }

  grpc::ServerUnaryReactor* FillBox(grpc::CallbackServerContext* context, const v1::FillBoxRequest* request,
                                    v1::Box* reply) override {
    if (seen_ != nullptr) *seen_ = *request;
    return rpc::Command(environment_, context, request, reply, request->box_id(), testing::FillBox);
  }

  grpc::ServerUnaryReactor* CopyBox(grpc::CallbackServerContext* context, const v1::CopyBoxRequest* request,
                                    v1::Box* reply) override {
    v1::GetBoxRequest ask;
    ask.set_box_id(request->from_box_id());
    base::v1::Actor actor;
    actor.set_role(base::v1::ROLE_SERVICE);
    actor.set_actor_id("boxes");
    return rpc::CommandAfter<v1::Box>(
        environment_, context, request, reply, request->box_id(),
        rpc::FetchUnary(*owner_->async(), &v1::BoxService::StubInterface::async_interface::GetBox, ask, actor,
                        absl::Seconds(5)),
        testing::CopyBox);
  }

  grpc::ServerUnaryReactor* ShelveBox(grpc::CallbackServerContext* context,
                                      const v1::ShelveBoxRequest* request, v1::Box* reply) override {
    using Facts = std::pair<v1::Box, rules::Reservation>;
    return rpc::CommandAfter<Facts>(
        environment_, context, request, reply, request->box_id(),
        rpc::FetchThen<v1::Box, rules::Reservation>(
            rpc::FetchPreview<v1::Box>(environment_, context, request, request->box_id(), ShelveBoxSomewhere),
            [this, context, request](const v1::Box&) { return FetchPlace(*context, *request); }),
        [](const v1::ShelveBoxRequest& request, const Facts& facts, rules::Transaction& tx) {
          return testing::ShelveBox(request, facts.second, tx);
        });
  }

  grpc::ServerUnaryReactor* GetBox(grpc::CallbackServerContext* context, const v1::GetBoxRequest* request,
                                   v1::Box* reply) override {
    return rpc::Read(environment_, context, request, reply,
                     [this](const v1::GetBoxRequest& get, const base::v1::Actor&, store::Reader& reader) {
                       return rpc::GetRecord<v1::Box>(
                           reader, PartOf(get.box_id(), environment_.store.parts()), get.box_id());
                     });
  }

  grpc::ServerUnaryReactor* ListBoxes(grpc::CallbackServerContext* context,
                                      const v1::ListBoxesRequest* request,
                                      v1::ListBoxesResponse* reply) override {
    return rpc::Read(environment_, context, request, reply,
                     [](const v1::ListBoxesRequest& list, const base::v1::Actor&,
                        store::Reader& reader) -> absl::StatusOr<v1::ListBoxesResponse> {
                       v1::ListBoxesResponse page;
                       store::ListQuery query;
                       query.merchant_id = list.merchant_id();
                       query.order = store::ListOrder::kOldestFirst;
                       ASSIGN_OR_RETURN(*page.mutable_next_page_token(),
                                        rpc::ListPage(reader, query, list, *page.mutable_boxes()));
                       return page;
                     });
  }

 private:
  absl::StatusOr<rpc::Fetch<rules::Reservation>> FetchPlace(const grpc::CallbackServerContext& context,
                                                            const v1::ShelveBoxRequest& request) const {
    ASSIGN_OR_RETURN(const base::v1::Actor actor, rpc::Admit(context, *v1::ShelveBoxRequest::descriptor()));
    const rules::PlacesWanted wanted = {
        .reservation_id = rpc::CaseKey(actor, request, request.command(), request.box_id()),
        .quota_id = request.shelf_id(),
        .limit = kShelfTakes,
        .holder_key = request.box_id(),
        .rule_id = "ORD-12"};
    return rpc::FetchDecided<rules::Reservation>(
        environment_, rules::ServiceActor("boxes"), request.command(), request.shelf_id(),
        [wanted](rules::Transaction& tx) { return rules::Reserve(wanted, tx); });
  }

  const rpc::Environment& environment_;
  v1::FillBoxRequest* seen_ = nullptr;
  std::unique_ptr<v1::BoxService::StubInterface> owner_;
};

}  // namespace makegood::testing
