/* tern-server-types.c: the body of each route
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol 02 sections 3 and 5. The names show in the texts of errors.
 */

#include "config.h"

#include <string.h>

#include "tern-server-params.h"

#define PAGE "pagination:{sdkws.RequestPagination pageNumber:i,showNumber:i}"
#define USER "userID:s,nickname:s,faceURL:s,ex:s,createTime:l,appMangerLevel:i,globalRecvMsgOpt:i"
#define GROUP \
  "groupID:s,groupName:s,notification:s,introduction:s,faceURL:s,ownerUserID:s,createTime:l," \
  "memberCount:n,ex:s,status:i,creatorUserID:s,groupType:i,needVerification:i,lookMemberInfo:i," \
  "applyMemberFriend:i,notificationUpdateTime:l,notificationUserID:s"
#define GROUP_CHANGES \
  "groupID:s,groupName:S,notification:S,introduction:S,faceURL:S,ex:S,needVerification:I," \
  "lookMemberInfo:I,applyMemberFriend:I"
#define SYNC_OPTIONS "deleteSyncOpt:{msg.DeleteSyncOpt IsSyncSelf:b,IsSyncOther:b}"
#define VERSION "versionID:s,version:u"
#define MESSAGE \
  "recvID:s,sendID:s,groupID:s,senderNickname:s,senderFaceURL:s,senderPlatformID:i,content:*," \
  "contentType:i,sessionType:i,isOnlineOnly:b,notOfflinePush:b,sendTime:l,offlinePushInfo:*," \
  "ex:s"
#define ACCOUNT "areaCode:s,phoneNumber:s,email:s,account:s"

typedef struct
{
  const char *path;
  const char *type;
} Type;

static const Type api_types[] = {
  { "/auth/force_logout", "auth.ForceLogoutReq platformID:i,userID:s" },
  { "/auth/get_admin_token", "auth.GetAdminTokenReq secret:s,userID:s" },
  { "/auth/get_user_token", "auth.GetUserTokenReq platformID:i,userID:s" },
  { "/auth/parse_token", "auth.ParseTokenReq token:s" },

  { "/user/account_check", "user.AccountCheckReq checkUserIDs:[s]" },
  { "/user/get_all_users_uid", "user.GetAllUserIDReq " PAGE },
  { "/user/get_subscribe_users_status", "user.GetSubscribeUsersStatusReq userID:s" },
  { "/user/get_user_client_config", "user.GetUserClientConfigReq userID:s" },
  { "/user/get_users", "user.GetPaginationUsersReq " PAGE ",userID:s,nickName:s" },
  { "/user/get_users_info", "user.GetDesignateUsersReq userIDs:[s]" },
  { "/user/get_users_online_status", "msggateway.GetUsersOnlineStatusReq userIDs:[s]" },
  { "/user/get_users_online_token_detail", "msggateway.GetUsersOnlineStatusReq userIDs:[s]" },
  { "/user/get_users_status", "user.GetUserStatusReq userID:s,userIDs:[s]" },
  { "/user/process_user_command_add",
    "user.ProcessUserCommandAddReq userID:s,type:i,uuid:s,value:S,ex:S" },
  { "/user/process_user_command_delete",
    "user.ProcessUserCommandDeleteReq userID:s,type:i,uuid:s" },
  { "/user/process_user_command_get", "user.ProcessUserCommandGetReq userID:s,type:i" },
  { "/user/process_user_command_get_all", "user.ProcessUserCommandGetAllReq userID:s" },
  { "/user/process_user_command_update",
    "user.ProcessUserCommandUpdateReq userID:s,type:i,uuid:s,value:S,ex:S" },
  { "/user/set_global_msg_recv_opt",
    "user.SetGlobalRecvMessageOptReq userID:s,globalRecvMsgOpt:i" },
  { "/user/subscribe_users_status",
    "user.SubscribeOrCancelUsersStatusReq userID:s,userIDs:[s],genre:i" },
  { "/user/update_user_info", "user.UpdateUserInfoReq userInfo:{sdkws.UserInfo " USER "}" },
  { "/user/update_user_info_ex", "user.UpdateUserInfoExReq userInfo:{sdkws.UserInfoWithEx "
    "userID:s,nickname:S,faceURL:S,ex:S,globalRecvMsgOpt:I}" },
  { "/user/user_register", "user.UserRegisterReq users:[{sdkws.UserInfo " USER "}]" },

  { "/friend/add_black", "relation.AddBlackReq ownerUserID:s,blackUserID:s,ex:s" },
  { "/friend/add_friend", "relation.ApplyToAddFriendReq fromUserID:s,toUserID:s,reqMsg:s,ex:s" },
  { "/friend/add_friend_response",
    "relation.RespondFriendApplyReq fromUserID:s,toUserID:s,handleResult:i,handleMsg:s" },
  { "/friend/delete_friend", "relation.DeleteFriendReq ownerUserID:s,friendUserID:s" },
  { "/friend/get_black_list", "relation.GetPaginationBlacksReq userID:s," PAGE },
  { "/friend/get_designated_friend_apply",
    "relation.GetDesignatedFriendsApplyReq fromUserID:s,toUserID:s" },
  { "/friend/get_designated_friends",
    "relation.GetDesignatedFriendsReq ownerUserID:s,friendUserIDs:[s]" },
  { "/friend/get_friend_apply_list",
    "relation.GetPaginationFriendsApplyToReq userID:s," PAGE ",handleResults:[i]" },
  { "/friend/get_friend_id", "relation.GetFriendIDsReq userID:s" },
  { "/friend/get_friend_list", "relation.GetPaginationFriendsReq " PAGE ",userID:s" },
  { "/friend/get_full_friend_user_ids", "relation.GetFullFriendUserIDsReq idHash:u,userID:s" },
  { "/friend/get_incremental_blacks", "relation.GetIncrementalBlacksReq userID:s," VERSION },
  { "/friend/get_incremental_friends", "relation.GetIncrementalFriendsReq userID:s," VERSION },
  { "/friend/get_self_friend_apply_list",
    "relation.GetPaginationFriendsApplyFromReq userID:s," PAGE ",handleResults:[i]" },
  { "/friend/get_self_unhandled_apply_count",
    "relation.GetSelfUnhandledApplyCountReq userID:s,time:l" },
  { "/friend/get_specified_blacks", "relation.GetSpecifiedBlacksReq ownerUserID:s,userIDList:[s]" },
  { "/friend/get_specified_friends_info",
    "relation.GetSpecifiedFriendsInfoReq ownerUserID:s,userIDList:[s]" },
  { "/friend/import_friend", "relation.ImportFriendReq ownerUserID:s,friendUserIDs:[s]" },
  { "/friend/is_friend", "relation.IsFriendReq userID1:s,userID2:s" },
  { "/friend/remove_black", "relation.RemoveBlackReq ownerUserID:s,blackUserID:s" },
  { "/friend/set_friend_remark",
    "relation.SetFriendRemarkReq ownerUserID:s,friendUserID:s,remark:s" },
  { "/friend/update_friends",
    "relation.UpdateFriendsReq ownerUserID:s,friendUserIDs:[s],isPinned:B,remark:S,ex:S" },

  { "/group/cancel_mute_group", "group.CancelMuteGroupReq groupID:s" },
  { "/group/cancel_mute_group_member", "group.CancelMuteGroupMemberReq groupID:s,userID:s" },
  { "/group/create_group", "group.CreateGroupReq memberUserIDs:[s],"
    "groupInfo:{sdkws.GroupInfo " GROUP "},adminUserIDs:[s],ownerUserID:s,sendMessage:b" },
  { "/group/dismiss_group", "group.DismissGroupReq groupID:s,deleteMember:b,sendMessage:b" },
  { "/group/get_full_group_member_user_ids",
    "group.GetFullGroupMemberUserIDsReq idHash:u,groupID:s" },
  { "/group/get_full_join_group_ids", "group.GetFullJoinGroupIDsReq idHash:u,userID:s" },
  { "/group/get_group_abstract_info", "group.GetGroupAbstractInfoReq groupIDs:[s]" },
  { "/group/get_group_application_unhandled_count",
    "group.GetGroupApplicationUnhandledCountReq userID:s,time:l" },
  { "/group/get_group_member_list",
    "group.GetGroupMemberListReq " PAGE ",groupID:s,filter:i,keyword:s" },
  { "/group/get_group_member_user_id", "group.GetGroupMemberUserIDsReq groupID:s" },
  { "/group/get_group_members_info", "group.GetGroupMembersInfoReq groupID:s,userIDs:[s]" },
  { "/group/get_group_users_req_application_list",
    "group.GetGroupUsersReqApplicationListReq groupID:s,userIDs:[s]" },
  { "/group/get_groups", "group.GetGroupsReq " PAGE ",groupName:s,groupID:s" },
  { "/group/get_groups_info", "group.GetGroupsInfoReq groupIDs:[s]" },
  { "/group/get_incremental_group_members",
    "group.GetIncrementalGroupMemberReq groupID:s," VERSION },
  { "/group/get_incremental_group_members_batch", "group.BatchGetIncrementalGroupMemberReq "
    "userID:s,reqList:[{group.GetIncrementalGroupMemberReq groupID:s," VERSION "}]" },
  { "/group/get_incremental_join_groups", "group.GetIncrementalJoinGroupReq userID:s," VERSION },
  { "/group/get_joined_group_list", "group.GetJoinedGroupListReq " PAGE ",fromUserID:s" },
  { "/group/get_recv_group_applicationList", "group.GetGroupApplicationListReq " PAGE
    ",fromUserID:s,groupIDs:[s],handleResults:[i]" },
  { "/group/get_specified_user_group_request_info",
    "group.GetSpecifiedUserGroupRequestInfoReq groupID:s,userID:s" },
  { "/group/get_user_req_group_applicationList", "group.GetUserReqApplicationListReq " PAGE
    ",userID:s,groupIDs:[s],handleResults:[i]" },
  { "/group/group_application_response",
    "group.GroupApplicationResponseReq groupID:s,fromUserID:s,handledMsg:s,handleResult:i" },
  { "/group/invite_user_to_group",
    "group.InviteUserToGroupReq groupID:s,reason:s,invitedUserIDs:[s],sendMessage:b" },
  { "/group/join_group",
    "group.JoinGroupReq groupID:s,reqMessage:s,joinSource:i,inviterUserID:s,ex:s" },
  { "/group/kick_group",
    "group.KickGroupMemberReq groupID:s,kickedUserIDs:[s],reason:s,sendMessage:b" },
  { "/group/mute_group", "group.MuteGroupReq groupID:s" },
  { "/group/mute_group_member", "group.MuteGroupMemberReq groupID:s,userID:s,mutedSeconds:n" },
  { "/group/quit_group", "group.QuitGroupReq groupID:s,userID:s" },
  { "/group/set_group_info",
    "group.SetGroupInfoReq groupInfoForSet:{sdkws.GroupInfoForSet " GROUP_CHANGES "}" },
  { "/group/set_group_info_ex", "group.SetGroupInfoExReq " GROUP_CHANGES },
  { "/group/set_group_member_info",
    "group.SetGroupMemberInfoReq members:[{group.SetGroupMemberInfo "
    "groupID:s,userID:s,nickname:S,faceURL:S,roleLevel:I,ex:S}]" },
  { "/group/transfer_group",
    "group.TransferGroupOwnerReq groupID:s,oldOwnerUserID:s,newOwnerUserID:s" },

  { "/conversation/delete_conversations",
    "conversation.DeleteConversationsReq ownerUserID:s,conversationIDs:[s],needDeleteTime:i" },
  { "/conversation/get_all_conversations", "conversation.GetAllConversationsReq ownerUserID:s" },
  { "/conversation/get_conversation",
    "conversation.GetConversationReq conversationID:s,ownerUserID:s" },
  { "/conversation/get_conversations",
    "conversation.GetConversationsReq ownerUserID:s,conversationIDs:[s]" },
  { "/conversation/get_full_conversation_ids",
    "conversation.GetFullOwnerConversationIDsReq idHash:u,userID:s" },
  { "/conversation/get_incremental_conversations",
    "conversation.GetIncrementalConversationReq userID:s," VERSION },
  { "/conversation/get_not_notify_conversation_ids",
    "conversation.GetNotNotifyConversationIDsReq userID:s" },
  { "/conversation/get_owner_conversation",
    "conversation.GetOwnerConversationReq " PAGE ",userID:s" },
  { "/conversation/get_pinned_conversation_ids",
    "conversation.GetPinnedConversationIDsReq userID:s" },
  { "/conversation/get_sorted_conversation_list",
    "conversation.GetSortedConversationListReq userID:s,conversationIDs:[s]," PAGE },
  { "/conversation/set_conversations", "conversation.SetConversationsReq userIDs:[s],"
    "conversation:{conversation.ConversationReq conversationID:s,conversationType:i,userID:s,"
    "groupID:s,recvMsgOpt:I,isPinned:B,attachedInfo:S,isPrivateChat:B,ex:S,burnDuration:I,"
    "minSeq:L,maxSeq:L,groupAtType:I,msgDestructTime:L,isMsgDestruct:B}" },
  { "/conversation/update_conversations_by_user",
    "conversation.UpdateConversationsByUserReq userID:s,ex:S" },

  { "/msg/batch_send_msg", "apistruct.BatchSendMsgReq recvIDs:[s],isSendAll:b," MESSAGE },
  { "/msg/check_msg_is_send_success", "msg.GetSendMsgStatusReq " },
  { "/msg/clear_conversation_msg",
    "msg.ClearConversationsMsgReq conversationIDs:[s],userID:s," SYNC_OPTIONS },
  { "/msg/delete_msg_physical", "msg.DeleteMsgPhysicalReq conversationIDs:[s],timestamp:l" },
  { "/msg/delete_msg_phsical_by_seq",
    "msg.DeleteMsgPhysicalBySeqReq conversationID:s,seqs:[l]" },
  { "/msg/delete_msgs", "msg.DeleteMsgsReq conversationID:s,seqs:[l],userID:s," SYNC_OPTIONS },
  { "/msg/get_conversations_has_read_and_max_seq",
    "msg.GetConversationsHasReadAndMaxSeqReq userID:s,conversationIDs:[s],returnPinned:b" },
  { "/msg/get_server_time", "msg.GetServerTimeReq " },
  { "/msg/mark_conversation_as_read",
    "msg.MarkConversationAsReadReq conversationID:s,userID:s,hasReadSeq:l,seqs:[l]" },
  { "/msg/mark_msgs_as_read", "msg.MarkMsgsAsReadReq conversationID:s,seqs:[l],userID:s" },
  { "/msg/newest_seq", "sdkws.GetMaxSeqReq userID:s" },
  { "/msg/pull_msg_by_seq", "sdkws.PullMessageBySeqsReq userID:s,"
    "seqRanges:[{sdkws.SeqRange conversationID:s,begin:l,end:l,num:l}],order:i" },
  { "/msg/revoke_msg", "msg.RevokeMsgReq conversationID:s,seq:l,userID:s" },
  { "/msg/search_msg", "msg.SearchMessageReq sendID:s,recvID:s,contentType:i,sendTime:s,"
    "sessionType:i," PAGE },
  { "/msg/send_business_notification", "apistruct.SendBusinessNotificationReq key:s,data:s,"
    "sendUserID:s,recvUserID:s,recvGroupID:s,sendMsg:b,reliabilityLevel:i" },
  { "/msg/send_msg", "apistruct.SendMsgReq " MESSAGE },
  { "/msg/set_conversation_has_read_seq",
    "msg.SetConversationHasReadSeqReq conversationID:s,userID:s,hasReadSeq:l,noNotification:b" },
  { "/msg/user_clear_all_msg", "msg.UserClearAllMsgReq userID:s," SYNC_OPTIONS },

  { "/object/access_url", "third.AccessURLReq name:s,query:m" },
  { "/object/auth_sign", "third.AuthSignReq uploadID:s,partNumbers:[i]" },
  { "/object/complete_form_data", "third.CompleteFormDataReq id:s,urlPrefix:s" },
  { "/object/complete_multipart_upload",
    "third.CompleteMultipartUploadReq uploadID:s,parts:[s],name:s,contentType:s,cause:s,"
    "urlPrefix:s" },
  { "/object/initiate_form_data", "third.InitiateFormDataReq name:s,size:l,contentType:s,group:s,"
    "millisecond:l,absolute:b" },
  { "/object/initiate_multipart_upload", "third.InitiateMultipartUploadReq hash:s,size:l,"
    "partSize:l,maxParts:i,cause:s,name:s,contentType:s,urlPrefix:s" },
  { "/object/part_limit", "third.PartLimitReq " },
  { "/object/part_size", "third.PartSizeReq size:l" },

  { "/third/fcm_update_token",
    "third.FcmUpdateTokenReq platformID:i,fcmToken:s,account:s,expireTime:l" },
  { "/third/logs/upload", "third.UploadLogsReq platform:i,"
    "fileURLs:[{third.FileURL filename:s,URL:s}],appFramework:s,version:s,ex:s" },
  { "/third/logs/search", "third.SearchLogsReq keyword:s,startTime:l,endTime:l," PAGE },
  { "/third/set_app_badge", "third.SetAppBadgeReq userID:s,appUnreadCount:i" },
  { "/statistics/user/register", "user.UserRegisterCountReq start:l,end:l" },

  { "/tern/faults", "tern.FaultsReq secret:s,clear:b,since:l,rules:*,now:*" },

  { "/jssdk/get_active_conversations", "jssdk.GetActiveConversationsReq ownerUserID:s,count:l" },
  { "/jssdk/get_conversations", "jssdk.GetConversationsReq ownerUserID:s,conversationIDs:[s]" },
};

static const Type account_types[] = {
  { "/account/code/send",
    "chat.SendVerifyCodeReq usedFor:i,ip:s,invitationCode:s,deviceID:s,platform:i," ACCOUNT },
  { "/account/code/verify", "chat.VerifyCodeReq verifyCode:s," ACCOUNT },
  { "/account/login",
    "chat.LoginReq password:s,platform:i,verifyCode:s,deviceID:s,ip:s," ACCOUNT },
  { "/account/password/change",
    "chat.ChangePasswordReq userID:s,currentPassword:s,newPassword:s" },
  { "/account/password/reset", "chat.ResetPasswordReq password:s,verifyCode:s," ACCOUNT },
  { "/account/register", "chat.RegisterUserReq invitationCode:s,verifyCode:s,ip:s,deviceID:s,"
    "platform:i,autoLogin:b,user:{chat.RegisterUserInfo userID:s,nickname:s,faceURL:s,birth:l,"
    "gender:i,password:s,RegisterType:i," ACCOUNT "}" },
  { "/application/latest_version", "admin.LatestApplicationVersionReq platform:s,version:s" },
  { "/application/page_versions", "admin.PageApplicationVersionReq platform:[s]," PAGE },
  { "/applet/find", "admin.FindAppletReq " },
  { "/client_config/get", "admin.GetClientConfigReq " },
  { "/friend/search", "chat.SearchFriendReq userID:s,keyword:s," PAGE ",genders:[i],userIDs:[s]" },
  { "/user/find/full", "chat.FindUserFullInfoReq userIDs:[s]" },
  { "/user/find/public", "chat.FindUserPublicInfoReq userIDs:[s]" },
  { "/user/rtc/get_token", "chat.GetTokenForVideoMeetingReq room:s,identity:s" },
  { "/user/search/full", "chat.SearchUserFullInfoReq keyword:s," PAGE ",genders:i,normal:i" },
  { "/user/search/public", "chat.SearchUserPublicInfoReq keyword:s," PAGE ",genders:i" },
  { "/user/update", "chat.UpdateUserInfoReq userID:s,account:S,phoneNumber:S,areaCode:S,email:S,"
    "nickname:S,faceURL:S,gender:I,level:I,birth:L,allowAddFriend:I,allowBeep:I,allowVibration:I,"
    "globalRecvMsgOpt:I,RegisterType:I" },
};

/**
 * tern_server_params_find:
 * @path: a route's
 * @is_account: of the account server, else of the API
 *
 * Returns: (nullable): the type of the route's body
 */
const char *
tern_server_params_find (const char *path,
                         gboolean    is_account)
{
  const Type *types = is_account ? account_types : api_types;
  gsize n_types = is_account ? G_N_ELEMENTS (account_types) : G_N_ELEMENTS (api_types);

  for (gsize i = 0; i < n_types; i++)
    {
      if (strcmp (types[i].path, path) == 0)
        return types[i].type;
    }

  return NULL;
}

/**
 * tern_server_params_get_path:
 * @number: of a type, counted from 0
 * @is_account: of the account server, else of the API
 *
 * Returns: (nullable): the path of that type
 */
const char *
tern_server_params_get_path (guint    number,
                             gboolean is_account)
{
  gsize n_types = is_account ? G_N_ELEMENTS (account_types) : G_N_ELEMENTS (api_types);

  if (number >= n_types)
    return NULL;

  return is_account ? account_types[number].path : api_types[number].path;
}
