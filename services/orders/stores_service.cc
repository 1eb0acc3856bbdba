#include "services/orders/stores_service.h"

#include <utility>

#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rpc/pages.h"
#include "common/rules/scope.h"
#include "common/rules/stores/offer_steps.h"
#include "common/rules/stores/stock_rules.h"

namespace makegood::services {

using base::v1::Actor;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using stores::v1::Offer;

ServerUnaryReactor* StoresService::SetStock(CallbackServerContext* context,
                                            const stores::v1::SetStockRequest* request,
                                            stores::v1::SetStockResponse* reply) {
  return rpc::Command(environment_, context, request, reply, request->merchant_id(), rules::SetStock);
}

ServerUnaryReactor* StoresService::DelistOffer(CallbackServerContext* context,
                                               const stores::v1::DelistOfferRequest* request, Offer* reply) {
  return rpc::Command(environment_, context, request, reply, request->merchant_id(), rules::DelistOffer);
}

ServerUnaryReactor* StoresService::RelistOffer(CallbackServerContext* context,
                                               const stores::v1::RelistOfferRequest* request, Offer* reply) {
  return rpc::Command(environment_, context, request, reply, request->merchant_id(), rules::RelistOffer);
}

ServerUnaryReactor* StoresService::GetOffer(CallbackServerContext* context,
                                            const stores::v1::GetOfferRequest* request, Offer* reply) {
  return rpc::Read(
      environment_, context, request, reply,
      [this](const stores::v1::GetOfferRequest& request, const Actor& actor,
             store::Reader& reader) -> absl::StatusOr<Offer> {
        RETURN_IF_ERROR(rules::CheckScope(actor, request.merchant_id(), "", "ROL-11"));
        const uint32_t part = PartOf(request.merchant_id(), environment_.store.parts());
        ASSIGN_OR_RETURN(
            Offer offer,
            rpc::GetRecord<Offer>(reader, part, rules::OfferId(part, request.merchant_id(), request.sku())));
        rules::FillActions(offer, actor, environment_.clock.Now(), environment_.policies);
        return offer;
      });
}

ServerUnaryReactor* StoresService::ListOffers(CallbackServerContext* context,
                                              const stores::v1::ListOffersRequest* request,
                                              stores::v1::ListOffersResponse* reply) {
  return rpc::Read(environment_, context, request, reply,
                   [this](const stores::v1::ListOffersRequest& request, const Actor& actor,
                          store::Reader& reader) -> absl::StatusOr<stores::v1::ListOffersResponse> {
                     store::ListQuery query;
                     query.merchant_id = request.merchant_id();
                     rpc::SetFilters(request, query);
                     query.groups = rules::GroupsOf(request);
                     RETURN_IF_ERROR(rpc::LimitToOwn(actor, query));
                     stores::v1::ListOffersResponse page;
                     ASSIGN_OR_RETURN(*page.mutable_next_page_token(),
                                      rpc::ListPage<Offer>(reader, std::move(query), request,
                                                           *page.mutable_offers(), [&](Offer& offer) {
                                                             rules::FillActions(offer, actor,
                                                                                environment_.clock.Now(),
                                                                                environment_.policies);
                                                             return absl::OkStatus();
                                                           }));
                     return page;
                   });
}

}  // namespace makegood::services
