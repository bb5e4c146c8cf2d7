<?xml version="1.0" encoding="UTF-8"?>
<!--
  The life of an account: what it is, then everything that a pack has of it, in
  the order of time.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:ev="urn:reeve:evidence:1" exclude-result-prefixes="ev">
<xsl:import href="common.xsl"/>

<xsl:key name="right" match="ev:right" use="@id"/>
<xsl:key name="rule" match="ev:rule" use="@id"/>
<xsl:key name="campaign" match="ev:campaign" use="@id"/>
<xsl:key name="account" match="ev:account" use="@id"/>
<xsl:key name="source" match="ev:source" use="@id"/>
<xsl:key name="act" match="ev:act" use="@id"/>
<xsl:key name="item" match="ev:item" use="concat(@campaign, ' ', @question, ' ', @number)"/>
<xsl:key name="question" match="ev:item" use="concat(@campaign, ' ', @question)"/>

<xsl:template name="block">
 <xsl:param name="key"/>
 <xsl:param name="class"/>
 <xsl:param name="columns" select="''"/>
 <xsl:param name="rows"/>
 <xsl:variable name="caption"><xsl:call-template name="t"><xsl:with-param name="key" select="$key"/></xsl:call-template></xsl:variable>
 <section>
  <h2><xsl:value-of select="$caption"/></h2>
  <xsl:choose>
   <xsl:when test="$rows">
    <xsl:call-template name="table">
     <xsl:with-param name="class" select="$class"/>
     <xsl:with-param name="columns" select="$columns"/>
     <xsl:with-param name="rows" select="$rows"/>
     <xsl:with-param name="caption" select="string($caption)"/>
    </xsl:call-template>
   </xsl:when>
   <xsl:otherwise><p class="nothing"><xsl:call-template name="t"><xsl:with-param name="key">account.none</xsl:with-param></xsl:call-template></p></xsl:otherwise>
  </xsl:choose>
 </section>
</xsl:template>

<xsl:template name="word-head">
 <xsl:param name="key"/>
 <th scope="col"><xsl:call-template name="t"><xsl:with-param name="key" select="$key"/></xsl:call-template></th>
</xsl:template>

<xsl:template match="ev:input" mode="body">
 <h1>
  <xsl:call-template name="t"><xsl:with-param name="key">account.title</xsl:with-param></xsl:call-template>
  <xsl:text> · </xsl:text>
  <bdi>
   <xsl:choose>
    <xsl:when test="ev:rows/ev:account/@name"><xsl:value-of select="ev:rows/ev:account/@name"/></xsl:when>
    <xsl:otherwise><xsl:value-of select="ev:rows/ev:account/@key"/></xsl:otherwise>
   </xsl:choose>
  </bdi>
 </h1>
 <p class="period"><xsl:call-template name="period"/></p>
 <section>
  <h2><xsl:call-template name="t"><xsl:with-param name="key">account.what</xsl:with-param></xsl:call-template></h2>
  <xsl:apply-templates select="ev:rows/ev:account"/>
 </section>
 <xsl:call-template name="block">
  <xsl:with-param name="key">account.person</xsl:with-param>
  <xsl:with-param name="class">person</xsl:with-param>
  <xsl:with-param name="rows" select="ev:rows/ev:person"/>
 </xsl:call-template>
 <xsl:call-template name="events"/>
 <xsl:call-template name="block">
  <xsl:with-param name="key">account.privileges</xsl:with-param>
  <xsl:with-param name="class">privilege</xsl:with-param>
  <xsl:with-param name="columns">path depth registered</xsl:with-param>
  <xsl:with-param name="rows" select="ev:rows/ev:privilege"/>
 </xsl:call-template>
 <xsl:call-template name="block">
  <xsl:with-param name="key">account.rights</xsl:with-param>
  <xsl:with-param name="class">right</xsl:with-param>
  <xsl:with-param name="columns">name kind plain plainZh host owner privileged</xsl:with-param>
  <xsl:with-param name="rows" select="key('right', ev:rows/ev:membership/@right)"/>
 </xsl:call-template>
 <xsl:call-template name="block">
  <xsl:with-param name="key">account.register</xsl:with-param>
  <xsl:with-param name="class">registered</xsl:with-param>
  <xsl:with-param name="rows" select="ev:rows/ev:registered"/>
 </xsl:call-template>
</xsl:template>

<xsl:template match="ev:account">
 <dl class="facts">
  <xsl:for-each select="@*">
   <dt>
    <xsl:choose>
     <xsl:when test="name() = 'source'"><xsl:call-template name="title"><xsl:with-param name="class">source</xsl:with-param></xsl:call-template></xsl:when>
     <xsl:otherwise><xsl:call-template name="title"><xsl:with-param name="class">account</xsl:with-param><xsl:with-param name="column" select="name()"/></xsl:call-template></xsl:otherwise>
    </xsl:choose>
   </dt>
   <dd>
    <xsl:choose>
     <xsl:when test="name() = 'source' and key('source', .)"><bdi><xsl:value-of select="key('source', .)/@name"/></bdi></xsl:when>
     <xsl:otherwise><xsl:call-template name="value"><xsl:with-param name="class">account</xsl:with-param><xsl:with-param name="column" select="name()"/><xsl:with-param name="value" select="."/></xsl:call-template></xsl:otherwise>
    </xsl:choose>
   </dd>
  </xsl:for-each>
 </dl>
</xsl:template>

<!--
  Attributes that are times of the account's life; sorting is by the text, as
  all are UTC. Decisions of its items, not of others that one question held.
-->
<xsl:template name="events">
 <xsl:variable name="rows" select="ev:rows/*"/>
 <xsl:variable name="times" select="$rows[self::ev:account]/@created | $rows[self::ev:account]/@passwordSet | $rows[self::ev:account]/@lastUse | $rows[self::ev:account]/@expires | $rows[self::ev:membership]/@acquired | $rows[self::ev:finding]/@first | $rows[self::ev:finding]/@closed | $rows[self::ev:decision][key('item', concat(@campaign, ' ', @question, ' ', @item)) or @item = 0]/@at | $rows[self::ev:exception]/@since | $rows[self::ev:exception]/@ends | $rows[self::ev:remedy]/@ordered | $rows[self::ev:remedy]/@closed"/>
 <section>
  <h2><xsl:call-template name="t"><xsl:with-param name="key">account.events</xsl:with-param></xsl:call-template></h2>
  <xsl:choose>
   <xsl:when test="$times[. != 'never']">
    <div class="scroll" tabindex="0" role="region">
     <xsl:attribute name="aria-label"><xsl:call-template name="t"><xsl:with-param name="key">account.events</xsl:with-param></xsl:call-template></xsl:attribute>
     <table>
      <thead><tr>
       <xsl:call-template name="word-head"><xsl:with-param name="key">account.when</xsl:with-param></xsl:call-template>
       <xsl:call-template name="word-head"><xsl:with-param name="key">account.event</xsl:with-param></xsl:call-template>
       <xsl:call-template name="word-head"><xsl:with-param name="key">account.details</xsl:with-param></xsl:call-template>
       <xsl:call-template name="word-head"><xsl:with-param name="key">account.record</xsl:with-param></xsl:call-template>
      </tr></thead>
      <tbody>
       <xsl:for-each select="$times[. != 'never']">
        <xsl:sort select="."/>
        <tr>
         <td class="date"><xsl:call-template name="date"><xsl:with-param name="at" select="."/></xsl:call-template></td>
         <th scope="row"><xsl:call-template name="t"><xsl:with-param name="key"><xsl:apply-templates select="." mode="event"/></xsl:with-param></xsl:call-template></th>
         <td class="long"><xsl:apply-templates select=".." mode="details"/></td>
         <td class="short"><xsl:apply-templates select=".." mode="record"/></td>
        </tr>
       </xsl:for-each>
      </tbody>
     </table>
    </div>
   </xsl:when>
   <xsl:otherwise><p class="nothing"><xsl:call-template name="t"><xsl:with-param name="key">account.none</xsl:with-param></xsl:call-template></p></xsl:otherwise>
  </xsl:choose>
 </section>
</xsl:template>

<xsl:template match="ev:account/@created" mode="event">event.created</xsl:template>
<xsl:template match="ev:account/@passwordSet" mode="event">event.password</xsl:template>
<xsl:template match="ev:account/@lastUse" mode="event">event.used</xsl:template>
<xsl:template match="ev:account/@expires" mode="event">event.expires</xsl:template>
<xsl:template match="ev:membership/@acquired" mode="event">event.acquired</xsl:template>
<xsl:template match="ev:finding/@first" mode="event">event.found</xsl:template>
<xsl:template match="ev:finding/@closed" mode="event">event.closed</xsl:template>
<xsl:template match="ev:decision/@at" mode="event">event.review</xsl:template>
<xsl:template match="ev:exception/@since" mode="event">event.exception</xsl:template>
<xsl:template match="ev:exception/@ends" mode="event">event.exception-ends</xsl:template>
<xsl:template match="ev:remedy/@ordered" mode="event">event.remedy</xsl:template>
<xsl:template match="ev:remedy/@closed" mode="event">event.proven</xsl:template>

<xsl:template match="*" mode="details"/>
<xsl:template match="ev:account" mode="details">
 <bdi><xsl:value-of select="key('source', @source)/@name"/></bdi>
</xsl:template>
<xsl:template match="ev:membership" mode="details">
 <bdi><xsl:value-of select="key('right', @right)/@name"/></bdi>
</xsl:template>
<xsl:template match="ev:finding" mode="details">
 <xsl:call-template name="value"><xsl:with-param name="class">finding</xsl:with-param><xsl:with-param name="column">severity</xsl:with-param><xsl:with-param name="value" select="@severity"/></xsl:call-template>
 <xsl:text> </xsl:text>
 <bdi><xsl:choose><xsl:when test="$zh"><xsl:value-of select="@textZh"/></xsl:when><xsl:otherwise><xsl:value-of select="@text"/></xsl:otherwise></xsl:choose></bdi>
</xsl:template>
<xsl:template match="ev:decision" mode="details">
 <xsl:variable name="item" select="key('item', concat(@campaign, ' ', @question, ' ', @item)) | key('question', concat(@campaign, ' ', @question))[current()/@item = 0]"/>
 <strong><xsl:call-template name="value"><xsl:with-param name="class">decision</xsl:with-param><xsl:with-param name="column">decision</xsl:with-param><xsl:with-param name="value" select="@decision"/></xsl:call-template></strong>
 <xsl:for-each select="$item">
  <xsl:if test="position() &gt; 1">,</xsl:if>
  <xsl:text> </xsl:text>
  <bdi><xsl:value-of select="key('right', @right)/@name"/></bdi>
 </xsl:for-each>
 <xsl:if test="@reason != ''"><xsl:text>: </xsl:text><bdi><xsl:value-of select="@reason"/></bdi></xsl:if>
 <xsl:value-of select="concat(' (', key('campaign', @campaign)/@name, ', ', @reviewer, ')')"/>
</xsl:template>
<xsl:template match="ev:exception" mode="details">
 <bdi><xsl:value-of select="key('right', @right)/@name"/></bdi>
 <xsl:value-of select="concat(' ', @rule, ' ')"/>
 <bdi><xsl:value-of select="@reason"/></bdi>
 <xsl:value-of select="concat(' (', @owner, ') ')"/>
 <xsl:call-template name="value"><xsl:with-param name="class">exception</xsl:with-param><xsl:with-param name="column">status</xsl:with-param><xsl:with-param name="value" select="@status"/></xsl:call-template>
</xsl:template>
<xsl:template match="ev:remedy" mode="details">
 <xsl:call-template name="value"><xsl:with-param name="class">remedy</xsl:with-param><xsl:with-param name="column">action</xsl:with-param><xsl:with-param name="value" select="@action"/></xsl:call-template>
 <xsl:text> </xsl:text>
 <bdi><xsl:value-of select="key('right', @right)/@name"/></bdi>
 <xsl:text> </xsl:text>
 <bdi><xsl:value-of select="@plan"/></bdi>
 <xsl:value-of select="concat(' (', @owner, ') ')"/>
 <xsl:call-template name="value"><xsl:with-param name="class">remedy</xsl:with-param><xsl:with-param name="column">status</xsl:with-param><xsl:with-param name="value" select="@status"/></xsl:call-template>
</xsl:template>

<!-- Where it stands: the class, and its number in the pack; who signed it. -->
<xsl:template match="*" mode="record">
 <xsl:call-template name="title"><xsl:with-param name="class" select="local-name()"/></xsl:call-template>
 <xsl:text> </xsl:text>
 <span class="code">
  <xsl:choose>
   <xsl:when test="@act and @number"><xsl:value-of select="concat(@act, '.', @number)"/></xsl:when>
   <xsl:when test="@id"><xsl:value-of select="@id"/></xsl:when>
  </xsl:choose>
 </span>
 <xsl:if test="@act and key('act', @act)/@name"><xsl:text> </xsl:text><bdi><xsl:value-of select="key('act', @act)/@name"/></bdi></xsl:if>
</xsl:template>
</xsl:stylesheet>
