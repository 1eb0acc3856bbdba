// Who calls, and may they.
#include "common/rpc/internal.h"
#include "tests/rpc/rpc_test.h"

namespace makegood::testing {
namespace {

using ::testing::HasSubstr;

class Gates : public RpcTest {
 protected:
  // UNAUTHENTICATED with a sentence that says `why`.
  void ExpectNobody(const std::vector<std::pair<std::string, std::string>>& metadata,
                    const std::string& why) {
    const absl::Status status = GetAs(metadata);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnauthenticated));
    EXPECT_THAT(std::string(status.message()), HasSubstr(why));
    EXPECT_EQ(RuleOf(status), "ROL-11");
  }
};

TEST_F(Gates, ROL_11_OnlyTheRolesOfTheMethodMayCallIt) {
  ASSERT_THAT(Call(Fill("r-1", "box-1", 10)), IsOk());
  EXPECT_THAT(Get("box-1", Operations()), IsOk());
  EXPECT_THAT(Get("box-1", Auditor()), IsOk());
  for (const base::v1::Actor& other : {Customer(), Courier(), Employee(), Manager(), Director()}) {
    EXPECT_THAT(Get("box-1", other), DeniedBy("ROL-11")) << other.ShortDebugString();
  }
}

TEST_F(Gates, ROL_11_WhoDoesNotSayWhoTheyAreIsTurnedAway) {
  ExpectNobody({}, "makegood-role is missing");
  ExpectNobody({{rpc::kRoleKey, "operations"}}, "makegood-actor is missing");
  ExpectNobody({{rpc::kActorKey, "op-1"}}, "makegood-role is missing");
  ExpectNobody({{rpc::kRoleKey, "emperor"}, {rpc::kActorKey, "op-1"}}, "\"emperor\" is no role");
  ExpectNobody({{rpc::kRoleKey, "unspecified"}, {rpc::kActorKey, "op-1"}}, "is no role");
  ExpectNobody({{rpc::kRoleKey, "operations"}, {rpc::kActorKey, "someone@example.com"}}, "is no id");
  ExpectNobody({{rpc::kRoleKey, "operations"}, {rpc::kActorKey, std::string(129, 'a')}}, "is no id");
  ExpectNobody({{rpc::kRoleKey, "operations"}, {rpc::kRoleKey, "auditor"}, {rpc::kActorKey, "op-1"}},
               "more than once");
  ExpectNobody({{rpc::kRoleKey, "store_manager"}, {rpc::kActorKey, "manager-1"}},
               "makegood-store is missing");
}

TEST_F(Gates, ROL_12_AStoresSoftwareIsAConnectorNeverAService) {
  ExpectNobody({{rpc::kRoleKey, "connector"}, {rpc::kActorKey, "shop"}}, "makegood-store is missing");
  ExpectNobody({{rpc::kRoleKey, "service"}, {rpc::kActorKey, "shop"}, {rpc::kStoreKey, "m-1"}},
               "a store's software is a connector");
  EXPECT_THAT(GetAs({{rpc::kRoleKey, "connector"}, {rpc::kActorKey, "shop"}, {rpc::kStoreKey, "m-1"}}),
              DeniedBy("ROL-11"));
}

TEST_F(Gates, ROL_11_ARoleIsReadInAnyCase) {
  EXPECT_THAT(GetAs({{rpc::kRoleKey, "Operations"}, {rpc::kActorKey, "op-1"}}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(Gates, ROL_11_TheRoleIsAskedBeforeTheFields) {
  EXPECT_THAT(Call(v1::FillBoxRequest(), Customer()), DeniedBy("ROL-02"));
}

TEST(Peers, OnlyThisMachineIsBelievedInTheClear) {
  for (const char* local : {"ipv4:127.0.0.1:50051", "ipv4:127.8.0.1:1", "ipv6:[::1]:50051",
                            "ipv6:%5B::1%5D:50051", "unix:/run/makegood.sock"}) {
    EXPECT_TRUE(rpc::internal::IsLocal(local)) << local;
  }
  for (const char* other : {"ipv4:10.0.0.7:50051", "ipv4:192.168.127.1:1", "ipv6:%5B2001:db8::1%5D:50051",
                            "ipv6:[::10]:1", "unknown", ""}) {
    EXPECT_FALSE(rpc::internal::IsLocal(other)) << other;
  }
}

TEST(AccessOptions, ROL_11_AMethodThatSaysNotWhoMayCallItDoesNotStart) {
  class Unguarded final : public v1::UnguardedService::CallbackService {};
  Unguarded unguarded;
  rpc::Server server((rpc::ServerOptions()));
  server.AddService<v1::UnguardedService>(unguarded);
  const absl::Status status = server.Start();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(status.message()), HasSubstr("makegood.testing.v1.UnguardedService.Enter"));
  EXPECT_THAT(rpc::CheckAccessOptions("makegood.testing.v1.BoxService"), IsOk());
  EXPECT_THAT(rpc::CheckAccessOptions("makegood.testing.v1.NoService"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace makegood::testing
