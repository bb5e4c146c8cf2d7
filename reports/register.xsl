<?xml version="1.0" encoding="UTF-8"?>
<!--
  The privileged register: who holds a privileged right, by which path, and
  whether the register says so. What differs from it comes first.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:ev="urn:reeve:evidence:1" exclude-result-prefixes="ev">
<xsl:import href="common.xsl"/>
<xsl:include href="say.xsl"/>

<xsl:key name="privilege-of" match="ev:privilege" use="@account"/>
<xsl:key name="registered" match="ev:registered[@kind = 'privileged']"
 use="translate(@account, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"/>

<xsl:template match="ev:input" mode="body">
 <xsl:variable name="rows" select="ev:rows[@class = 'privilege']"/>
 <xsl:variable name="register" select="ev:rows[@class = 'registered']"/>
 <xsl:variable name="gone" select="$register/ev:registered[@kind = 'privileged' and @found = 'false']"/>
 <h1><xsl:call-template name="t"><xsl:with-param name="key">register.title</xsl:with-param></xsl:call-template></h1>
 <p class="about"><xsl:call-template name="period"/></p>
 <p><xsl:call-template name="t"><xsl:with-param name="key">register.what</xsl:with-param></xsl:call-template></p>
 <dl class="figures">
  <xsl:call-template name="key-figure"><xsl:with-param name="key">register.rights</xsl:with-param><xsl:with-param name="tally">privileges</xsl:with-param></xsl:call-template>
  <xsl:call-template name="key-figure"><xsl:with-param name="key">register.listed</xsl:with-param><xsl:with-param name="tally">privileges</xsl:with-param><xsl:with-param name="a">true</xsl:with-param></xsl:call-template>
  <xsl:call-template name="key-figure"><xsl:with-param name="key">register.unlisted</xsl:with-param><xsl:with-param name="tally">privileges</xsl:with-param><xsl:with-param name="a">false</xsl:with-param></xsl:call-template>
  <xsl:call-template name="key-figure"><xsl:with-param name="key">register.gone</xsl:with-param><xsl:with-param name="tally">registers</xsl:with-param><xsl:with-param name="a">privileged</xsl:with-param><xsl:with-param name="b">false</xsl:with-param></xsl:call-template>
 </dl>

 <section>
  <h2 id="unlisted"><xsl:call-template name="t"><xsl:with-param name="key">register.unlisted.title</xsl:with-param></xsl:call-template></h2>
  <xsl:choose>
   <xsl:when test="not($rows/ev:privilege[@registered = 'false'])"><xsl:call-template name="nothing"><xsl:with-param name="key">register.unlisted.none</xsl:with-param></xsl:call-template></xsl:when>
   <xsl:otherwise>
    <xsl:call-template name="privileges"><xsl:with-param name="rows" select="$rows/ev:privilege[@registered = 'false']"/><xsl:with-param name="labelled">unlisted</xsl:with-param></xsl:call-template>
   </xsl:otherwise>
  </xsl:choose>
 </section>

 <section>
  <h2 id="gone"><xsl:call-template name="t"><xsl:with-param name="key">register.gone.title</xsl:with-param></xsl:call-template></h2>
  <xsl:choose>
   <xsl:when test="not($gone)"><xsl:call-template name="nothing"><xsl:with-param name="key">register.gone.none</xsl:with-param></xsl:call-template></xsl:when>
   <xsl:otherwise>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="gone">
     <table>
      <thead><tr><xsl:call-template name="heads"><xsl:with-param name="class">registered</xsl:with-param><xsl:with-param name="columns">account source owner purpose approver ends confirmed</xsl:with-param></xsl:call-template></tr></thead>
      <tbody>
       <xsl:for-each select="$gone">
        <tr>
         <th scope="row"><xsl:call-template name="text"><xsl:with-param name="value" select="@account"/></xsl:call-template></th>
         <td><xsl:call-template name="text"><xsl:with-param name="value" select="@source"/></xsl:call-template></td>
         <td><xsl:call-template name="person"><xsl:with-param name="employee" select="@owner"/></xsl:call-template></td>
         <td class="long"><xsl:call-template name="text"><xsl:with-param name="value" select="@purpose"/></xsl:call-template></td>
         <td><xsl:call-template name="person"><xsl:with-param name="employee" select="@approver"/></xsl:call-template></td>
         <td class="date"><xsl:call-template name="date"><xsl:with-param name="at" select="@ends"/></xsl:call-template></td>
         <td class="date"><xsl:call-template name="date"><xsl:with-param name="at" select="@confirmed"/></xsl:call-template></td>
        </tr>
       </xsl:for-each>
      </tbody>
     </table>
    </div>
   </xsl:otherwise>
  </xsl:choose>
 </section>

 <section>
  <h2 id="listed"><xsl:call-template name="t"><xsl:with-param name="key">register.listed.title</xsl:with-param></xsl:call-template></h2>
  <xsl:choose>
   <xsl:when test="not($rows/ev:privilege[@registered = 'true'])"><xsl:call-template name="nothing"><xsl:with-param name="key">register.listed.none</xsl:with-param></xsl:call-template></xsl:when>
   <xsl:otherwise>
    <xsl:call-template name="privileges"><xsl:with-param name="rows" select="$rows/ev:privilege[@registered = 'true']"/><xsl:with-param name="labelled">listed</xsl:with-param></xsl:call-template>
    <xsl:call-template name="fewer"><xsl:with-param name="rows" select="$rows"/></xsl:call-template>
   </xsl:otherwise>
  </xsl:choose>
 </section>
</xsl:template>

<!-- An account's first line names it and who holds it; each right is a line. -->
<xsl:template name="privileges">
 <xsl:param name="rows"/>
 <xsl:param name="labelled"/>
 <div class="scroll" tabindex="0" role="region" aria-labelledby="{$labelled}">
  <table>
   <thead>
    <tr>
     <xsl:call-template name="head"><xsl:with-param name="class">account</xsl:with-param><xsl:with-param name="column">name</xsl:with-param></xsl:call-template>
     <xsl:call-template name="word-head"><xsl:with-param name="key">register.holder</xsl:with-param><xsl:with-param name="class">text</xsl:with-param></xsl:call-template>
     <xsl:call-template name="head"><xsl:with-param name="class">privilege</xsl:with-param><xsl:with-param name="column">right</xsl:with-param></xsl:call-template>
     <xsl:call-template name="heads"><xsl:with-param name="class">privilege</xsl:with-param><xsl:with-param name="columns">path</xsl:with-param></xsl:call-template>
     <xsl:call-template name="heads"><xsl:with-param name="class">registered</xsl:with-param><xsl:with-param name="columns">approver confirmed</xsl:with-param></xsl:call-template>
    </tr>
   </thead>
   <tbody>
    <xsl:for-each select="$rows">
     <xsl:variable name="account" select="key('account', @account)"/>
     <xsl:variable name="entry" select="key('registered', translate($account/@name, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'))"/>
     <xsl:variable name="right" select="key('right', @right)"/>
     <tr>
      <th scope="row"><xsl:call-template name="account"/></th>
      <td><xsl:call-template name="person"><xsl:with-param name="employee" select="$account/@employee"/></xsl:call-template></td>
      <td class="long">
       <xsl:choose>
        <xsl:when test="$right/@name"><xsl:call-template name="text"><xsl:with-param name="value" select="$right/@name"/></xsl:call-template></xsl:when>
        <xsl:when test="$right"><xsl:call-template name="text"><xsl:with-param name="value" select="$right/@key"/></xsl:call-template></xsl:when>
        <xsl:otherwise><xsl:value-of select="concat('#', @right)"/></xsl:otherwise>
       </xsl:choose>
       <xsl:if test="$right/@plain != '' or $right/@plainZh != ''">
        <br/><span class="quiet"><xsl:call-template name="either"><xsl:with-param name="english" select="$right/@plain"/><xsl:with-param name="chinese" select="$right/@plainZh"/></xsl:call-template></span>
       </xsl:if>
      </td>
      <td class="path"><xsl:call-template name="text"><xsl:with-param name="value" select="@path"/></xsl:call-template></td>
      <td><xsl:call-template name="person"><xsl:with-param name="employee" select="$entry/@approver"/></xsl:call-template></td>
      <td class="date"><xsl:call-template name="date"><xsl:with-param name="at" select="$entry/@confirmed"/></xsl:call-template></td>
     </tr>
    </xsl:for-each>
   </tbody>
  </table>
 </div>
</xsl:template>
</xsl:stylesheet>
